import type { FastifyInstance } from "fastify";
import { readOnce } from "#mesh/cells.ts";
import { explain } from "#mesh/explain.ts";
import { services } from "#mesh/tables.ts";
import { type Difference, differences, readConfigDump } from "#xds/config-dump.ts";
import type { ApiContext } from "../context.ts";
import { badRequest } from "../http-error.ts";
import { queryOf } from "../query.ts";
import { adminPage } from "./proxies.ts";

/** What a running proxy holds, beside what it should. */
interface Comparison {
  readonly proxyId: string;
  /** Null when the proxy does not answer. */
  readonly differences: readonly Difference[] | null;
}

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

async function compare(context: ApiContext, proxyId: string): Promise<Comparison> {
  const [instance] = context.server.state.find(services, "id", proxyId);
  const dump = instance === undefined ? null : await adminPage(context, instance, "/config_dump?include_eds");
  if (dump === null) return { proxyId, differences: null };
  const found = readOnce(() => {
    const snapshot = context.resources.snapshot(proxyId);
    if (snapshot === null) return null;
    return differences(snapshot, context.resources.endpointsOf(proxyId), readConfigDump(dump));
  });
  return { proxyId, differences: found };
}
