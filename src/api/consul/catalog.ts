import type { FastifyInstance } from "fastify";
import { checksOfInstance, type FindChecks } from "#mesh/health.ts";
import { catalogNodes, checks, services } from "#mesh/tables.ts";
import { type HealthCheck, type ServiceInstance, worstStatus } from "#model/catalog.ts";
import { nodes } from "#server/tables.ts";
import { keyOf, type Row } from "#state/table.ts";
import type { ApiContext } from "../context.ts";
import { badRequest } from "../http-error.ts";
import { blockingQuery, isSet, parametersOf, queryOf } from "../query.ts";
import { catalogRow, checkRow, nodeNames, nodeRow, serviceRow } from "./rows.ts";

const TABLES = [services, checks, nodes, catalogNodes];

/** `/v1/catalog` and `/v1/health`: who there is, and how they are. */
export function catalogRoutes(app: FastifyInstance, context: ApiContext): void {
  const { state } = context.server;
  const inMesh = (instance: ServiceInstance) => instance.Provider === "consul";
  const named = (name: string) => state.find(services, "name", name).filter(inMesh);
  const proxiesFor = (name: string) => [
    ...state.find(services, "destination", name),
    ...named(name).filter((instance) => instance.ConnectNative),
  ];
  const tagged = (tag: string | undefined) => (instance: ServiceInstance) =>
    tag === undefined || instance.Tags.includes(tag);

  app.get("/v1/catalog/datacenters", async () => [context.agent.datacenter]);

  app.get("/v1/catalog/nodes", (request, reply) =>
    blockingQuery(state, TABLES, request, reply, () =>
      nodeNames(context).map((name) => nodeRow(context, name)),
    ),
  );

  app.get("/v1/catalog/services", (request, reply) =>
    blockingQuery(state, TABLES, request, reply, () => {
      const names: Record<string, Set<string>> = {};
      for (const { Service, Tags } of state.all(services).filter(inMesh)) {
        names[Service] = new Set([...(names[Service] ?? []), ...Tags]);
      }
      return Object.fromEntries(Object.entries(names).map(([name, tags]) => [name, [...tags]]));
    }),
  );

  const catalogOf = (find: (name: string) => Row<ServiceInstance>[]) => (path: string) =>
    app.get(path, (request, reply) =>
      blockingQuery(state, TABLES, request, reply, () =>
        find(parametersOf(request)["name"] ?? "")
          .filter(tagged(queryOf(request)["tag"]))
          .map((instance) => catalogRow(context, instance)),
      ),
    );
  catalogOf(named)("/v1/catalog/service/:name");
  catalogOf(proxiesFor)("/v1/catalog/connect/:name");

  app.get("/v1/catalog/node/:name", (request, reply) =>
    blockingQuery(state, TABLES, request, reply, () => {
      const { name = "" } = parametersOf(request);
      const here = state.find(services, "node", name).filter(inMesh);
      return {
        Node: nodeRow(context, name),
        Services: Object.fromEntries(here.map((one) => [one.ID, serviceRow(one)])),
      };
    }),
  );

  app.get("/v1/catalog/node-services/:name", (request, reply) =>
    blockingQuery(state, TABLES, request, reply, () => {
      const { name = "" } = parametersOf(request);
      return {
        Node: nodeRow(context, name),
        Services: state.find(services, "node", name).filter(inMesh).map(serviceRow),
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
        const { passing, tag } = queryOf(request);
        return find(parametersOf(request)["name"] ?? "")
          .filter(tagged(tag))
          .filter((instance) => !isSet(passing) || worstStatus(checksOf(instance)) === "passing")
          .map((instance) => ({
            Node: nodeRow(context, instance.Node),
            Service: serviceRow(instance),
            Checks: checksOf(instance).map((check) => checkRow(context, check)),
          }));
      }),
    );
  healthOf(named)("/v1/health/service/:name");
  healthOf(proxiesFor)("/v1/health/connect/:name");

  app.get("/v1/health/node/:name", (request, reply) =>
    blockingQuery(state, TABLES, request, reply, () =>
      state
        .find(checks, "node", parametersOf(request)["name"] ?? "")
        .map((check) => checkRow(context, check)),
    ),
  );
  app.get("/v1/health/checks/:name", (request, reply) =>
    blockingQuery(state, TABLES, request, reply, () =>
      state
        .find(checks, "name", parametersOf(request)["name"] ?? "")
        .map((check) => checkRow(context, check)),
    ),
  );
  app.get("/v1/health/state/:state", (request, reply) =>
    blockingQuery(state, TABLES, request, reply, () => {
      const wanted = parametersOf(request)["state"] ?? "";
      if (!["any", "passing", "warning", "critical"].includes(wanted)) {
        throw badRequest(`the state is one of any, passing, warning and critical, not "${wanted}"`);
      }
      return state
        .all(checks)
        .filter((check) => wanted === "any" || check.Status === wanted)
        .map((check) => checkRow(context, check));
    }),
  );
}
