import type { FastifyInstance, FastifyRequest } from "fastify";
import { readOnce } from "#mesh/cells.ts";
import { services } from "#mesh/tables.ts";
import type { ServiceInstance } from "#model/catalog.ts";
import { type Difference, differences, readConfigDump } from "#xds/config-dump.ts";
import type { ApiContext } from "../context.ts";
import { badRequest, HttpError, notFound } from "../http-error.ts";
import { parametersOf } from "../query.ts";
import { adminPage } from "./proxies.ts";

/** What a running proxy holds, beside what it should. */
interface Comparison {
  readonly proxyId: string;
  /** Null when the proxy does not answer. */
  readonly differences: readonly Difference[] | null;
}

/**
 * `/v1/mesh/proxy/:id/diff`: Yurt's own. Asked with GET, the proxy's admin interface is read; with PUT, the body is
 * its `/config_dump?include_eds`, for proxies whose admin interface only the client reaches.
 */
export function compareRoutes(app: FastifyInstance, context: ApiContext): void {
  const proxyOf = (request: FastifyRequest): ServiceInstance => {
    const { id = "" } = parametersOf(request);
    const [instance] = context.server.state.find(services, "id", id);
    if (instance === undefined || instance.Kind === "") throw notFound(`there is no proxy ${id}`);
    return instance;
  };
  const answer = ({ differences }: Comparison, id: string) => {
    if (differences !== null) return differences;
    throw new HttpError(
      503,
      `the proxy ${id} does not answer, or is not connected: what it should hold is not known`,
    );
  };

  app.get("/v1/mesh/proxy/:id/diff", async (request) => {
    const { ID, AllocID } = proxyOf(request);
    if (AllocID === "")
      throw badRequest(
        `no job runs the proxy ${ID}: say where its admin interface is with -admin=<address:port>`,
      );
    return answer(await compare(context, ID), ID);
  });

  app.put("/v1/mesh/proxy/:id/diff", { bodyLimit: DUMP_LIMIT }, async (request) => {
    const { ID } = proxyOf(request);
    return answer(compareWith(context, ID, JSON.stringify(request.body)), ID);
  });
}

const DUMP_LIMIT = 64 * 1024 * 1024;

/** Reads what a proxy holds by its admin interface. */
export async function compare(context: ApiContext, proxyId: string): Promise<Comparison> {
  const [instance] = context.server.state.find(services, "id", proxyId);
  const dump = instance === undefined ? null : await adminPage(context, instance, "/config_dump?include_eds");
  return dump === null ? { proxyId, differences: null } : compareWith(context, proxyId, dump);
}

function compareWith({ resources }: ApiContext, proxyId: string, dump: string): Comparison {
  const found = readOnce(() => {
    const snapshot = resources.snapshot(proxyId);
    if (snapshot === null) return null;
    return differences(snapshot, resources.endpointsOf(proxyId), readConfigDump(dump));
  });
  return { proxyId, differences: found };
}
