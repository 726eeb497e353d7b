import type { FastifyInstance, FastifyRequest } from "fastify";
import type { NodeId } from "#model/id.ts";
import type { Node } from "#model/node.ts";
import { boolean, integer, object, optional, string, stringMap } from "#model/schema/builders.ts";
import { drainNode, purgeNode, setEligibility } from "#server/drains.ts";
import { evaluateNode } from "#server/node-requests.ts";
import { allocations, nodes } from "#server/tables.ts";
import type { Row } from "#state/table.ts";
import type { ApiContext } from "../context.ts";
import { notFound } from "../http-error.ts";
import { blockingQuery, parametersOf, queryOf } from "../query.ts";
import { read } from "../read-body.ts";
import { allocationStub } from "./allocation-view.ts";

const WRITE = ["PUT", "POST"];

const drainSpecification = object("drain", "", {
  Deadline: integer("Nanoseconds; 0 for none, negative for at once."),
  IgnoreSystemJobs: boolean(""),
});

const drainBody = object("drain request", "", {
  DrainSpec: optional(drainSpecification),
  MarkEligible: boolean(""),
  Meta: stringMap(""),
});

const eligibilityBody = object("eligibility request", "", {
  Eligibility: string("", { oneOf: ["eligible", "ineligible"] }),
});

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
        .map(nodeStub),
    ),
  );

  app.get("/v1/node/:id", (request, reply) =>
    blockingQuery(state, [nodes], request, reply, () => find(request)),
  );

  const change = (action: string, handler: (request: FastifyRequest, id: NodeId) => Promise<object>) =>
    app.route({
      method: WRITE,
      url: `/v1/node/:id/${action}`,
      handler: async (request) => handler(request, find(request).ID),
    });

  change("drain", async (request, id) => {
    const { DrainSpec, MarkEligible, Meta } = read(drainBody, request.body);
    const drain = DrainSpec && { deadline: DrainSpec.Deadline, ignoreSystemJobs: DrainSpec.IgnoreSystemJobs };
    const index = await drainNode(state, id, drain, { markEligible: MarkEligible, meta: Meta });
    return { NodeModifyIndex: index, EvalIDs: null, EvalCreateIndex: 0, Index: index };
  });

  change("eligibility", async (request, id) => {
    const { Eligibility } = read(eligibilityBody, request.body);
    const index = await setEligibility(state, id, Eligibility === "eligible");
    return { NodeModifyIndex: index, EvalIDs: null, EvalCreateIndex: 0, Index: index };
  });

  change("purge", async (_request, id) => {
    const index = await purgeNode(state, id);
    return { NodeModifyIndex: index, EvalIDs: null, EvalCreateIndex: 0, Index: index };
  });

  change("evaluate", async (_request, id) => {
    const { index } = await state.transact((tx) => {
      const node = tx.get(nodes, id);
      if (node !== undefined) evaluateNode(state, tx, node, "node-update");
    });
    return { NodeModifyIndex: index, EvalIDs: null, EvalCreateIndex: index, Index: index };
  });

  app.get("/v1/node/:id/allocations", (request, reply) =>
    blockingQuery(state, [allocations], request, reply, () =>
      state.find(allocations, "node", find(request).ID).map(allocationStub),
    ),
  );
}

/** What a list shows of a node. */
export function nodeStub(node: Row<Node>) {
  const { ID, Name, Datacenter, NodePool, NodeClass, Address, Drain, SchedulingEligibility, Status } = node;
  const { StatusDescription, Drivers, HostVolumes, LastDrain, CreateIndex, ModifyIndex } = node;
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
    HostVolumes,
    LastDrain,
    CreateIndex,
    ModifyIndex,
  };
}
