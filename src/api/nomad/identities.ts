import type { FastifyInstance } from "fastify";
import { ALGORITHM } from "#server/identities/signing-key.ts";
import { identityKeys } from "#server/tables.ts";
import type { ApiContext } from "../context.ts";
import { notFound } from "../http-error.ts";
import { blockingQuery } from "../query.ts";

const KEYS = "/.well-known/jwks.json";

/** By what others verify the identities of tasks. */
export function identityRoutes(app: FastifyInstance, { server: { identities, state } }: ApiContext): void {
  app.get(KEYS, (request, reply) =>
    blockingQuery(state, [identityKeys], request, reply, () => identities.published()),
  );

  // https://openid.net/specs/openid-connect-discovery-1_0.html
  app.get("/.well-known/openid-configuration", async () => {
    const { issuer } = identities;
    if (issuer === null)
      throw notFound(
        "OIDC Discovery endpoint disabled: start the server with -oidc-issuer=<url>, by which others reach this page",
      );
    return {
      issuer,
      jwks_uri: `${issuer.replace(/\/+$/, "")}${KEYS}`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: [ALGORITHM],
    };
  });
}
