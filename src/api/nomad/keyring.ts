import type { FastifyInstance } from "fastify";
import type { RootKey } from "#model/root-key.ts";
import { identityKeys } from "#server/tables.ts";
import type { Row } from "#state/table.ts";
import type { ApiContext } from "../context.ts";
import { badRequest } from "../http-error.ts";
import { blockingQuery, isSet, parametersOf, queryOf } from "../query.ts";

/** `/v1/operator/keyring`: the keys that sign the identities of tasks. */
export function keyringRoutes(app: FastifyInstance, { server: { keyring, state } }: ApiContext): void {
  app.get("/v1/operator/keyring/keys", async (request, reply) => {
    await keyring.ensure();
    return blockingQuery(state, [identityKeys], request, reply, () =>
      keyring.keys.sort((a, b) => b.CreateTime - a.CreateTime).map(shown),
    );
  });

  // With `full` Nomad encrypts its variables anew; here these keys encrypt nothing.
  app.route({
    method: ["PUT", "POST"],
    url: "/v1/operator/keyring/rotate",
    handler: async (request) => {
      const key = await keyring.rotate(publishTime(queryOf(request)["publish_time"] ?? "0"));
      return { Key: shown(key), Index: key.ModifyIndex };
    },
  });

  app.delete("/v1/operator/keyring/key/:id", async (request) => {
    const force = isSet(queryOf(request)["force"]);
    return { Index: await keyring.remove(parametersOf(request)["id"] ?? "", { force }) };
  });
}

function publishTime(text: string): number {
  if (/^\d{1,19}$/.test(text)) return Number(text);
  throw badRequest(`publish_time is in nanoseconds since 1970, not "${text}"`);
}

function shown(key: Row<RootKey>): Row<RootKey> {
  const { KeyID, Algorithm, State, CreateTime, PublishTime, CreateIndex, ModifyIndex } = key;
  return { KeyID, Algorithm, State, CreateTime, PublishTime, CreateIndex, ModifyIndex };
}
