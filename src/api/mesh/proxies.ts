import type { FastifyInstance } from "fastify";
import { readOnce } from "#mesh/cells.ts";
import { services } from "#mesh/tables.ts";
import { proxiedService, type ServiceInstance } from "#model/catalog.ts";
import type { AllocationId } from "#model/id.ts";
import { readProxyKind, serviceKindOf } from "#model/job/proxy-kind.ts";
import { withJob } from "#server/assignments.ts";
import { allocations } from "#server/tables.ts";
import type { Row } from "#state/table.ts";
import { byKind } from "#xds/snapshot.ts";
import type { ApiContext } from "../context.ts";
import { badRequest, HttpError, notFound } from "../http-error.ts";
import { blockingQuery, parametersOf, queryOf } from "../query.ts";

/** Pages of Envoy's admin interface that only show: none of them changes anything. */
const PAGES = ["certs", "clusters", "config_dump", "listeners", "memory", "ready", "server_info", "stats"];

/** `/v1/mesh/proxies`: Yurt's own. Every proxy as the control plane sees it, and its own pages. */
export function proxyRoutes(app: FastifyInstance, context: ApiContext): void {
  const { state } = context.server;
  app.get("/v1/mesh/proxies", (request, reply) =>
    blockingQuery(state, [services], request, reply, () =>
      state
        .all(services)
        .filter((instance) => instance.Kind !== "")
        .map((instance) => proxyView(context, instance)),
    ),
  );

  app.get("/v1/mesh/proxy/:id/:page", async (request, reply) => {
    const { id = "", page = "" } = parametersOf(request);
    if (!PAGES.includes(page)) throw badRequest(`the page is one of ${PAGES.join(", ")}, not "${page}"`);
    const [instance] = state.find(services, "id", id);
    if (instance === undefined || instance.Kind === "") throw notFound(`there is no proxy ${id}`);
    const query = new URLSearchParams(
      Object.entries(queryOf(request)).map(([key, value]) => [key, value ?? ""]),
    );
    const text = await adminPage(context, instance, `/${page}?${query}`);
    if (text === null) throw new HttpError(503, `the proxy ${id} does not answer`);
    return reply.type(text.startsWith("{") ? "application/json" : "text/plain").send(text);
  });
}

export function proxyView(context: ApiContext, instance: Row<ServiceInstance>) {
  const { ID, Kind, Node, AllocID, Address, Port, Proxy: proxy } = instance;
  const status = context.proxies.get(ID);
  return {
    ...{ ID, Kind, Node, AllocID, Address, Port },
    Service: proxiedService(instance),
    Upstreams: proxy?.Upstreams ?? [],
    Connected: status?.connected ?? false,
    Synced: status?.synced ?? false,
    Since: status === null ? null : new Date(status.since).toISOString(),
    Streams: status?.streams ?? 0,
    Rejection: status?.rejection ?? null,
    ...(status?.connected ? wanted(context, instance) : NOTHING),
  };
}

const NOTHING = { CertificateUntil: null, Resources: {} } as const;

/** What a connected proxy should hold, counted. Of others nothing is computed: nobody has asked for it. */
function wanted({ resources, server: { mesh } }: ApiContext, instance: ServiceInstance) {
  return readOnce(() => {
    const snapshot = resources.snapshot(instance.ID);
    if (snapshot === null) return NOTHING;
    const { certificates } = mesh;
    const leaf =
      instance.Kind === "mesh-gateway"
        ? certificates.meshGatewayLeaf(instance.ID)
        : certificates.leaf(instance.ID, proxiedService(instance));
    const until = leaf?.notAfter;
    return {
      CertificateUntil: until === undefined ? null : new Date(until).toISOString(),
      Resources: Object.fromEntries(Object.entries(byKind(snapshot)).map(([kind, { size }]) => [kind, size])),
    };
  });
}

/** The proxies of one allocation. */
export function proxiesOf(context: ApiContext, allocation: AllocationId) {
  return context.server.state
    .find(services, "allocation", allocation)
    .filter((instance) => instance.Kind !== "")
    .map((instance) => proxyView(context, instance));
}

/** A page of a running proxy's admin interface; null when it does not answer. */
export async function adminPage(
  { server: { state }, node }: ApiContext,
  instance: ServiceInstance,
  path: string,
): Promise<string | null> {
  const allocation = state.get(allocations, instance.AllocID);
  if (allocation === undefined || instance.Proxy === null) return null;
  const [joined] = withJob(state, allocation);
  const group = joined?.Job.TaskGroups.find(({ Name }) => Name === allocation.TaskGroup);
  const task = group?.Tasks.find(({ Kind }) => {
    const proxy = readProxyKind(Kind);
    return proxy?.service === proxiedService(instance) && serviceKindOf(proxy.role) === instance.Kind;
  });
  return task === undefined ? null : node.proxyAdmin(allocation.ID, task.Name, path);
}
