import type { FastifyInstance } from "fastify";
import { services } from "#mesh/tables.ts";
import type { ServiceInstance } from "#model/catalog.ts";
import { nodes } from "#server/tables.ts";
import type { Row } from "#state/table.ts";
import type { ApiContext } from "../context.ts";
import { blockingQuery, parametersOf, queryOf } from "../query.ts";

/** The agent itself, the cluster, and plain service discovery. */
export function agentRoutes(
  app: FastifyInstance,
  { server: { state, identities }, agent }: ApiContext,
): void {
  app.get("/v1/agent/self", async () => ({
    config: {
      Datacenter: agent.datacenter,
      Region: "global",
      NodeName: agent.name,
      BindAddr: agent.bind,
      DevMode: agent.dev,
      Server: { OIDCIssuer: identities.issuer ?? "" },
      Version: { Version: agent.version },
    },
    member: member(),
    stats: { client: { node_id: agent.nodeId }, nomad: { server: "true", leader: "true" } },
  }));

  app.get("/v1/agent/health", async (request, reply) => {
    const { type } = queryOf(request);
    const client = { ok: state.get(nodes, agent.nodeId)?.Status === "ready", message: "ok" };
    const server = { ok: true, message: "ok" };
    const asked = { ...(type === "server" ? {} : { client }), ...(type === "client" ? {} : { server }) };
    if (!Object.values(asked).every(({ ok }) => ok)) reply.code(500);
    return asked;
  });

  const member = () => ({
    Name: `${agent.name}.global`,
    Addr: agent.bind,
    Port: agent.httpPort,
    Status: "alive",
    Tags: { region: "global", dc: agent.datacenter, build: agent.version, role: "nomad" },
  });

  app.get("/v1/agent/members", async () => ({
    ServerName: agent.name,
    ServerRegion: "global",
    ServerDC: agent.datacenter,
    Members: [member()],
  }));

  app.get("/v1/status/leader", async (_request, reply) =>
    reply.type("application/json").send(JSON.stringify(`${agent.bind}:${agent.httpPort}`)),
  );
  app.get("/v1/status/peers", async () => [`${agent.bind}:${agent.httpPort}`]);
  app.get("/v1/regions", async () => ["global"]);
  app.get("/v1/namespaces", async () => [{ Name: "default", Description: "Default shared namespace" }]);

  const plain = () => state.all(services).filter((instance) => instance.Provider === "nomad");

  app.get("/v1/services", (request, reply) =>
    blockingQuery(state, [services], request, reply, () => {
      const names = [...new Set(plain().map((instance) => instance.Service))].sort();
      if (names.length === 0) return [];
      const tagsOf = (name: string) => [
        ...new Set(plain().flatMap(({ Service, Tags }) => (Service === name ? Tags : []))),
      ];
      return [
        {
          Namespace: "default",
          Services: names.map((ServiceName) => ({ ServiceName, Tags: tagsOf(ServiceName) })),
        },
      ];
    }),
  );

  app.get("/v1/service/:name", (request, reply) =>
    blockingQuery(state, [services], request, reply, () =>
      plain()
        .filter((instance) => instance.Service === parametersOf(request)["name"])
        .map((instance) => registration(instance)),
    ),
  );

  const registration = (instance: Row<ServiceInstance>) => ({
    ID: instance.ID,
    ServiceName: instance.Service,
    Namespace: instance.Namespace,
    NodeID: agent.nodeId,
    Datacenter: agent.datacenter,
    JobID: instance.JobID,
    AllocID: instance.AllocID,
    Tags: instance.Tags,
    Address: instance.Address,
    Port: instance.Port,
    CreateIndex: instance.CreateIndex,
    ModifyIndex: instance.ModifyIndex,
  });
}
