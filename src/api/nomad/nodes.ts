import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Node } from "#model/node.ts";
import { allocations, nodes } from "#server/tables.ts";
import type { Row } from "#state/table.ts";
import type { ApiContext } from "../context.ts";
import { notFound } from "../http-error.ts";
import { blockingQuery, parametersOf, queryOf } from "../query.ts";
import { allocationStub } from "./allocation-view.ts";

export function nodeRoutes(app: FastifyInstance, { server: { state } }: ApiContext): void {
  const find = (request: FastifyRequest): Row<Node> => {
    const node = state.get(nodes, parametersOf(request)["id"] ?? "");
    if (node === undefined) throw notFound("node not found");
    return node;
  };

  app.get("/v1/nodes", (request, reply) =>
    blockingQuery(state, [nodes], request, reply, () =>
      state
        .all(nodes)
        .filter(({ ID }) => ID.startsWith(queryOf(request)["prefix"] ?? ""))
        .map(stub),
    ),
  );

  app.get("/v1/node/:id", (request, reply) =>
    blockingQuery(state, [nodes], request, reply, () => find(request)),
  );

  app.get("/v1/node/:id/allocations", (request, reply) =>
    blockingQuery(state, [allocations], request, reply, () =>
      state.find(allocations, "node", find(request).ID).map(allocationStub),
    ),
  );
}

/** What a list shows of a node. */
function stub(node: Row<Node>) {
  const { ID, Name, Datacenter, NodePool, NodeClass, Address, Drain, SchedulingEligibility, Status } = node;
  const { StatusDescription, Drivers, CreateIndex, ModifyIndex } = node;
  return {
    ID,
    Name,
    Datacenter,
    NodePool,
    NodeClass,
    Address,
    Version: node.Attributes["nomad.version"] ?? "",
    Drain,
    SchedulingEligibility,
    Status,
    StatusDescription,
    Drivers,
    CreateIndex,
    ModifyIndex,
  };
}
