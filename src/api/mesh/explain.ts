import type { FastifyInstance } from "fastify";
import { readOnce } from "#mesh/cells.ts";
import { explain } from "#mesh/explain.ts";
import type { ApiContext } from "../context.ts";
import { badRequest } from "../http-error.ts";
import { queryOf } from "../query.ts";
import { compare } from "./compare.ts";

/** `/v1/mesh/explain`: Yurt's own. The way of a request, and whether the running proxies hold it so. */
export function explainRoutes(app: FastifyInstance, context: ApiContext): void {
  const { mesh } = context.server;
  app.get("/v1/mesh/explain", async (request) => {
    const { source = "", destination = "", path = "/" } = queryOf(request);
    if (source === "" || destination === "") throw badRequest("source and destination must be given");
    const explanation = readOnce(() => explain(mesh, source, destination, path));
    const proxies = [explanation.upstream?.proxyId, ...explanation.local.map((proxy) => proxy.proxyId)];
    const known = proxies.filter((id) => id !== undefined);
    return { ...explanation, running: await Promise.all(known.map((id) => compare(context, id))) };
  });
}
