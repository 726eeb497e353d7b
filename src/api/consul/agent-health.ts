import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { checksOfInstance } from "#mesh/health.ts";
import { checks, services } from "#mesh/tables.ts";
import { type CheckStatus, type ServiceInstance, worstStatus } from "#model/catalog.ts";
import { keyOf, type Row } from "#state/table.ts";
import type { ApiContext } from "../context.ts";
import { parametersOf, queryOf } from "../query.ts";
import { checkRow, serviceRow } from "./rows.ts";

const HTTP_STATUS: Readonly<Record<CheckStatus, number>> = {
  passing: 200,
  warning: 429,
  critical: 503,
  maintenance: 503,
};

/** `/v1/agent/health`: how services of this node are, told by the answer's status for load balancers. */
export function agentHealthRoutes(app: FastifyInstance, context: ApiContext): void {
  const { agent, server } = context;
  const { state } = server;
  const statusOf = (instance: Row<ServiceInstance>): CheckStatus => {
    const find = (node: string, id: string) => state.find(checks, "instance", keyOf(node, id));
    const own = checksOfInstance(find, instance.Node, instance.ID);
    return own.some(({ Type }) => Type === "maintenance") ? "maintenance" : worstStatus(own);
  };
  const view = (instance: Row<ServiceInstance>) => ({
    AggregatedStatus: statusOf(instance),
    Service: serviceRow(instance),
    Checks: state
      .find(checks, "instance", keyOf(instance.Node, instance.ID))
      .map((check) => checkRow(context, check)),
  });
  const answer = (request: FastifyRequest, reply: FastifyReply, status: CheckStatus, body: unknown) => {
    reply.code(HTTP_STATUS[status]).header("X-Consul-Reason", status);
    return queryOf(request)["format"] === "text" ? reply.type("text/plain").send(status) : reply.send(body);
  };
  const unknown = (reply: FastifyReply, what: string) => reply.code(404).type("text/plain").send(what);

  app.get("/v1/agent/health/service/id/:id", async (request, reply) => {
    const { id = "" } = parametersOf(request);
    const instance = state.get(services, keyOf(agent.name, id));
    if (instance === undefined) return unknown(reply, `ServiceId ${id} not found`);
    return answer(request, reply, statusOf(instance), view(instance));
  });

  app.get("/v1/agent/health/service/name/:name", async (request, reply) => {
    const { name = "" } = parametersOf(request);
    const here = state.find(services, "name", name).filter((instance) => instance.Node === agent.name);
    if (here.length === 0) return unknown(reply, `ServiceName ${name} Not Found`);
    const worst = worstStatus(here.map((instance) => ({ Status: statusOf(instance) })));
    return answer(request, reply, worst, here.map(view));
  });
}
