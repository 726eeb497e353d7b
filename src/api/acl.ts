import type { FastifyInstance } from "fastify";
import { HttpError } from "./http-error.ts";

const DISABLED = "ACL support disabled";

/** `/v1/acl`: clients of Nomad and Consul find out there that no tokens are asked for. */
export const aclRoutes = (status: number) => (app: FastifyInstance) => {
  app.all("/v1/acl/*", async () => {
    throw new HttpError(status, DISABLED);
  });
};
