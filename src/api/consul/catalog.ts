import type { FastifyInstance, FastifyRequest } from "fastify";
import { readOnce } from "#mesh/cells.ts";
import { checksOfInstance, type FindChecks } from "#mesh/health.ts";
import { importedServices } from "#mesh/peering/tables.ts";
import { catalogNodes, checks, configEntries, services } from "#mesh/tables.ts";
import { type HealthCheck, type ServiceInstance, worstStatus } from "#model/catalog.ts";
import { catalogShape, checkShape, healthShape, nodeShape, serviceShape } from "#model/catalog-filter.ts";
import { nodes } from "#server/tables.ts";
import { keyOf, type Row } from "#state/table.ts";
import type { ApiContext } from "../context.ts";
import { filtered } from "../filter.ts";
import { badRequest } from "../http-error.ts";
import { blockingQuery, isSet, parametersOf, queryOf } from "../query.ts";
import { importedCatalog, importedHealth } from "./imported-rows.ts";
import { catalogRow, checkRow, nodeNames, nodeRow, serviceRow } from "./rows.ts";

const TABLES = [services, checks, nodes, catalogNodes, importedServices, configEntries];

/** `/v1/catalog` and `/v1/health`: who there is, and how they are. */
export function catalogRoutes(app: FastifyInstance, context: ApiContext): void {
  const { state, mesh } = context.server;
  const inMesh = (instance: ServiceInstance) => instance.Provider === "consul";
  const named = (name: string) => state.find(services, "name", name).filter(inMesh);
  const proxiesFor = (name: string) => [
    ...state.find(services, "destination", name),
    ...named(name).filter((instance) => instance.ConnectNative),
  ];
  const ingressTo = (name: string) => {
    const entries = state.find(configEntries, "kind", "ingress-gateway");
    const serve = ({ Name }: { readonly Name: string }) =>
      readOnce(() => mesh.gateways.services(Name)).some(
        ({ GatewayKind, Service }) => GatewayKind === "ingress-gateway" && Service.Name === name,
      );
    return entries
      .filter(serve)
      .flatMap(({ Name }) => named(Name))
      .filter(({ Kind }) => Kind === "ingress-gateway");
  };
  const asWanted = (request: FastifyRequest, instance: Row<ServiceInstance>): Row<ServiceInstance> =>
    readOnce(() => ({
      ...instance,
      ...(isSet(queryOf(request)["merge-central-config"]) ? mesh.merged(instance) : {}),
      TaggedAddresses: mesh.taggedAddresses(instance),
    }));
  const tagged = (tag: string | undefined) => (instance: ServiceInstance) =>
    tag === undefined || instance.Tags.includes(tag);

  app.get("/v1/catalog/datacenters", async () => context.federation?.names() ?? [context.agent.datacenter]);

  app.get("/v1/catalog/nodes", (request, reply) =>
    blockingQuery(state, TABLES, request, reply, () =>
      filtered(
        request,
        nodeShape,
        nodeNames(context).map((name) => nodeRow(context, name)),
      ),
    ),
  );

  app.get("/v1/catalog/services", (request, reply) =>
    blockingQuery(state, TABLES, request, reply, () => {
      const rows = state.all(services).filter(inMesh);
      const wanted = isSet(queryOf(request)["filter"])
        ? filtered(
            request,
            catalogShape,
            rows.map((instance) => catalogRow(context, instance)),
          )
        : rows.map(({ Service, Tags }) => ({ ServiceName: Service, ServiceTags: Tags }));
      const names: Record<string, Set<string>> = {};
      for (const { ServiceName, ServiceTags } of wanted) {
        names[ServiceName] = new Set([...(names[ServiceName] ?? []), ...ServiceTags]);
      }
      return Object.fromEntries(Object.entries(names).map(([name, tags]) => [name, [...tags]]));
    }),
  );

  const catalogOf = (find: (name: string) => Row<ServiceInstance>[]) => (path: string) =>
    app.get(path, (request, reply) =>
      blockingQuery(state, TABLES, request, reply, () => {
        const { peer = "" } = queryOf(request);
        if (peer !== "") return importedCatalog(state, peer, parametersOf(request)["name"] ?? "");
        const rows = find(parametersOf(request)["name"] ?? "")
          .filter(tagged(queryOf(request)["tag"]))
          .map((instance) => catalogRow(context, asWanted(request, instance)));
        return filtered(request, catalogShape, rows);
      }),
    );
  catalogOf(named)("/v1/catalog/service/:name");
  catalogOf(proxiesFor)("/v1/catalog/connect/:name");

  app.get("/v1/catalog/gateway-services/:name", (request, reply) =>
    blockingQuery(state, [services, configEntries], request, reply, () =>
      readOnce(() => mesh.gateways.services(parametersOf(request)["name"] ?? "")),
    ),
  );

  app.get("/v1/catalog/node/:name", (request, reply) =>
    blockingQuery(state, TABLES, request, reply, () => {
      const { name = "" } = parametersOf(request);
      const here = state.find(services, "node", name).filter(inMesh);
      return {
        Node: nodeRow(context, name),
        Services: Object.fromEntries(
          filtered(request, serviceShape, here.map(serviceRow)).map((row) => [row.ID, row]),
        ),
      };
    }),
  );

  app.get("/v1/catalog/node-services/:name", (request, reply) =>
    blockingQuery(state, TABLES, request, reply, () => {
      const { name = "" } = parametersOf(request);
      return {
        Node: nodeRow(context, name),
        Services: filtered(
          request,
          serviceShape,
          state
            .find(services, "node", name)
            .filter(inMesh)
            .map((instance) => serviceRow(asWanted(request, instance))),
        ),
      };
    }),
  );

  const findChecks: FindChecks = (node, id) => state.find(checks, "instance", keyOf(node, id));
  const checksOf = ({ Node, ID, Proxy: proxy }: Row<ServiceInstance>): Row<HealthCheck>[] =>
    [ID, proxy?.DestinationServiceID ?? ""].flatMap((id) =>
      id === "" ? [] : checksOfInstance(findChecks, Node, id),
    );

  const healthOf = (find: (name: string) => Row<ServiceInstance>[]) => (path: string) =>
    app.get(path, (request, reply) =>
      blockingQuery(state, TABLES, request, reply, () => {
        const { passing, tag, peer = "" } = queryOf(request);
        if (peer !== "")
          return importedHealth(state, peer, parametersOf(request)["name"] ?? "", isSet(passing));
        const rows = find(parametersOf(request)["name"] ?? "")
          .filter(tagged(tag))
          .filter((instance) => !isSet(passing) || worstStatus(checksOf(instance)) === "passing")
          .map((instance) => ({
            Node: nodeRow(context, instance.Node),
            Service: serviceRow(asWanted(request, instance)),
            Checks: checksOf(instance).map((check) => checkRow(context, check)),
          }));
        return filtered(request, healthShape, rows);
      }),
    );
  healthOf(named)("/v1/health/service/:name");
  healthOf(proxiesFor)("/v1/health/connect/:name");
  healthOf(ingressTo)("/v1/health/ingress/:name");

  const checkRows = (request: FastifyRequest, found: readonly Row<HealthCheck>[]) =>
    filtered(
      request,
      checkShape,
      found.map((check) => checkRow(context, check)),
    );

  app.get("/v1/health/node/:name", (request, reply) =>
    blockingQuery(state, TABLES, request, reply, () =>
      checkRows(request, state.find(checks, "node", parametersOf(request)["name"] ?? "")),
    ),
  );
  app.get("/v1/health/checks/:name", (request, reply) =>
    blockingQuery(state, TABLES, request, reply, () =>
      checkRows(request, state.find(checks, "name", parametersOf(request)["name"] ?? "")),
    ),
  );
  app.get("/v1/health/state/:state", (request, reply) =>
    blockingQuery(state, TABLES, request, reply, () => {
      const wanted = parametersOf(request)["state"] ?? "";
      if (!["any", "passing", "warning", "critical"].includes(wanted)) {
        throw badRequest(`the state is one of any, passing, warning and critical, not "${wanted}"`);
      }
      const found = state.all(checks).filter((check) => wanted === "any" || check.Status === wanted);
      return checkRows(request, found);
    }),
  );
}
