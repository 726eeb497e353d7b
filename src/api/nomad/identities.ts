import type { FastifyInstance } from "fastify";
import type { ApiContext } from "../context.ts";

/** The keys by which others verify the identities of tasks. */
export function identityRoutes(app: FastifyInstance, { server: { identities } }: ApiContext): void {
  app.get("/.well-known/jwks.json", () => identities.published());
}
