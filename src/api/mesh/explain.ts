import type { FastifyInstance, FastifyRequest } from "fastify";
import { readOnce } from "#mesh/cells.ts";
import { explain } from "#mesh/explain/explain.ts";
import type { AskedRequest } from "#mesh/explain/explanation.ts";
import type { ApiContext } from "../context.ts";
import { badRequest } from "../http-error.ts";
import { queryOf } from "../query.ts";
import { compare } from "./compare.ts";

/** `/v1/mesh/explain`: Yurt's own. The ways of a request, and whether the running proxies hold them so. */
export function explainRoutes(app: FastifyInstance, context: ApiContext): void {
  const { mesh } = context.server;
  app.get("/v1/mesh/explain", async (request) => {
    const asked = askedIn(request);
    const explanation = readOnce(() => explain(mesh, asked));
    const reached = explanation.ways.flatMap(({ local }) => local.map((proxy) => proxy.proxyId));
    const proxies = [explanation.upstream?.proxyId, ...reached].filter((id) => id !== undefined);
    return {
      ...explanation,
      running: await Promise.all([...new Set(proxies)].map((id) => compare(context, id))),
    };
  });
}

function askedIn(request: FastifyRequest): AskedRequest {
  const { source = "", destination = "", method = "GET", path = "/" } = queryOf(request);
  if (source === "" || destination === "") throw badRequest("source and destination must be given");
  if (!path.startsWith("/")) throw badRequest(`the path "${path}" does not begin with /`);
  return { source, destination, method, path, headers: headersIn(request) };
}

/** `header=name:value`, once for each. */
function headersIn(request: FastifyRequest): ReadonlyMap<string, string> {
  const { header = [] } = request.query as { header?: string | readonly string[] };
  const pairs = [header].flat().map((text): [string, string] => {
    const colon = text.indexOf(":");
    if (colon < 1) throw badRequest(`the header "${text}" is not written as name:value`);
    return [text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim()];
  });
  return new Map(pairs);
}
