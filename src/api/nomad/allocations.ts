import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Allocation } from "#model/allocation.ts";
import { type EvaluationId, newId } from "#model/id.ts";
import { newEvaluation } from "#server/jobs.ts";
import { allocations, evaluations, jobKeyOf, jobs } from "#server/tables.ts";
import { nanosecondsNow } from "#server/time.ts";
import type { Row } from "#state/table.ts";
import type { ApiContext } from "../context.ts";
import { notFound } from "../http-error.ts";
import { proxiesOf } from "../mesh/proxies.ts";
import { blockingQuery, parametersOf, queryOf } from "../query.ts";
import { allocationStub, allocationView } from "./allocation-view.ts";

export function allocationRoutes(app: FastifyInstance, context: ApiContext): void {
  const { state } = context.server;
  const find = (request: FastifyRequest): Row<Allocation> => {
    const allocation = state.get(allocations, parametersOf(request)["id"] ?? "");
    if (allocation === undefined) throw notFound("alloc not found");
    return allocation;
  };

  app.get("/v1/allocations", (request, reply) =>
    blockingQuery(state, [allocations], request, reply, () => {
      const { prefix = "", namespace = "default" } = queryOf(request);
      return state
        .all(allocations)
        .filter(
          ({ ID, Namespace }) => ID.startsWith(prefix) && (namespace === "*" || Namespace === namespace),
        )
        .map(allocationStub);
    }),
  );

  app.get("/v1/allocation/:id", (request, reply) =>
    blockingQuery(state, [allocations], request, reply, () => {
      const allocation = find(request);
      // Yurt's own: the proxies of the allocation, as the control plane sees them.
      return { ...allocationView(state, allocation), Proxies: proxiesOf(context, allocation.ID) };
    }),
  );

  app.route({
    method: ["PUT", "POST"],
    url: "/v1/allocation/:id/stop",
    handler: async (request) => {
      const { ID } = find(request);
      const evaluation = newId<EvaluationId>();
      const { index } = await state.transact((tx) => {
        const allocation = tx.get(allocations, ID);
        const job = allocation && tx.get(jobs, jobKeyOf(allocation));
        if (allocation === undefined || job === undefined) return;
        const DesiredDescription = "alloc was stopped by a user";
        tx.put(allocations, ID, {
          ...allocation,
          DesiredStatus: "stop",
          DesiredDescription,
          ModifyTime: nanosecondsNow(),
        });
        tx.put(evaluations, evaluation, newEvaluation(evaluation, job, "alloc-stop"));
      });
      return { EvalID: evaluation, Index: index };
    },
  });
}
