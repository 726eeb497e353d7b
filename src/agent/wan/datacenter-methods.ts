import type { FastifyInstance } from "fastify";
import { respond } from "#dns/respond.ts";
import type { KeyVault } from "#mesh/ca/key-vault.ts";
import type { Datacenter } from "#mesh/datacenters/tables.ts";
import { configEntries } from "#mesh/tables.ts";
import type { TemplateQuery } from "#model/template-data.ts";
import { joined } from "#server/datacenters/joined.ts";
import type { ForwardedAnswer, ForwardedRequest, Joining } from "#server/datacenters/link.ts";
import { certify } from "#server/datacenters/primary-authority.ts";
import { tellAuthority, tellDatacenters, tellEndpoints, tellEntries } from "#server/datacenters/tell.ts";
import type { Server } from "#server/server.ts";
import { watchTemplateData } from "#server/template-data.ts";
import { directoryOf } from "../directory.ts";
import type { Methods } from "../link/rpc-server.ts";

export interface DoorOptions {
  readonly self: Datacenter;
  readonly primary: string;
  readonly vault: KeyVault;
  /** The API that is asked from elsewhere. */
  readonly api: FastifyInstance;
}

/** What a server lets those of the mesh's other datacenters ask and follow. */
export function datacenterMethods(server: Server, { self, primary, vault, api }: DoorOptions): Methods {
  const { state, mesh } = server;
  const names = { directory: directoryOf(server), askDatacenter: async () => null, recursors: [] };
  return {
    calls: {
      join: (who: Joining) => joined(state, { name: self.Name, primary }, who),
      certify: async (publicKey: string) => certify(state, vault, publicKey),
      resolve: async (message: string) =>
        (await respond(Buffer.from(message, "base64"), names))?.toString("base64") ?? null,
      request: async ({ method, url, headers, body }: ForwardedRequest): Promise<ForwardedAnswer> => {
        const answer = await api.inject({
          ...{ method: method as "GET", url, headers },
          ...(body !== "" && { payload: Buffer.from(body, "base64") }),
        });
        return {
          status: answer.statusCode,
          headers: Object.fromEntries(
            Object.entries(answer.headers).map(([name, value]) => [name, `${value}`]),
          ),
          body: answer.rawPayload.toString("base64"),
          entries: state.index(configEntries),
        };
      },
    },
    streams: {
      datacenters: (signal: AbortSignal) => tellDatacenters(state, self, signal),
      endpoints: (signal: AbortSignal) => tellEndpoints(mesh, signal),
      entries: (signal: AbortSignal) => tellEntries(state, signal),
      templateData: (query: TemplateQuery, signal: AbortSignal) => {
        if (query.kind !== "service" && query.kind !== "connect")
          throw new Error(`no other datacenter is asked for ${query.kind}`);
        return watchTemplateData(server, query, signal);
      },
      authority: (signal: AbortSignal) => tellAuthority(state, self.Name, signal),
    },
    tunnels: {},
  };
}
