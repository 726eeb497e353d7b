import type { FastifyInstance } from "fastify";
import { readOnce } from "#mesh/cells.ts";
import { checks, configEntries, services } from "#mesh/tables.ts";
import type { ServiceInstance } from "#model/catalog.ts";
import { serviceShape } from "#model/catalog-filter.ts";
import { keyOf, type Row } from "#state/table.ts";
import type { ApiContext } from "../context.ts";
import { filtered } from "../filter.ts";
import { notFound } from "../http-error.ts";
import { contentQuery, parametersOf } from "../query.ts";
import { checkRow, serviceRow } from "./rows.ts";

/** `/v1/agent`, as Consul's clients and `connect envoy` read them. */
export function consulAgentRoutes(app: FastifyInstance, context: ApiContext): void {
  const { agent, server, federation } = context;
  const { state } = server;
  const here = () =>
    state.find(services, "node", agent.name).filter((instance) => instance.Provider === "consul");

  app.get("/v1/agent/self", async () => ({
    Config: {
      Datacenter: agent.datacenter,
      PrimaryDatacenter: federation?.primary ?? agent.datacenter,
      NodeName: agent.name,
      NodeID: agent.nodeId,
      Server: true,
      Version: agent.version,
    },
    DebugConfig: {},
    Member: { Name: agent.name, Addr: agent.bind, Status: 1 },
    Stats: {},
    Meta: {},
    xDS: {
      SupportedProxies: { envoy: [agent.envoyVersion] },
      Port: agent.grpc.plaintext > 0 ? agent.grpc.plaintext : agent.grpc.tls,
      Ports: { Plaintext: agent.grpc.plaintext, TLS: agent.grpc.tls },
    },
  }));
  app.get("/v1/agent/members", async () => [
    { Name: agent.name, Addr: agent.bind, Status: 1, Tags: { dc: agent.datacenter } },
  ]);
  app.get("/v1/status/leader", async (_request, reply) =>
    reply.type("application/json").send(JSON.stringify(`${agent.bind}:${agent.consulHttpPort}`)),
  );
  app.get("/v1/status/peers", async () => [`${agent.bind}:${agent.consulHttpPort}`]);

  const view = (instance: Row<ServiceInstance>) => ({
    ...serviceRow(instance),
    Datacenter: agent.datacenter,
  });

  app.get("/v1/agent/services", async (request) =>
    Object.fromEntries(filtered(request, serviceShape, here().map(view)).map((row) => [row.ID, row])),
  );

  app.get("/v1/agent/service/:id", (request, reply) =>
    contentQuery(state, [services, configEntries], request, reply, () => {
      const { id = "" } = parametersOf(request);
      const instance = state.get(services, keyOf(agent.name, id));
      if (instance?.Provider !== "consul") throw notFound(`unknown service ID: ${id}`);
      return view({ ...instance, ...readOnce(() => server.mesh.merged(instance)) });
    }),
  );

  app.get("/v1/agent/checks", async () =>
    Object.fromEntries(
      state.find(checks, "node", agent.name).map((check) => [check.CheckID, checkRow(context, check)]),
    ),
  );
}
