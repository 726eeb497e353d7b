import type { FastifyInstance } from "fastify";
import type { Evaluation } from "#model/evaluation.ts";
import { allocations, evaluations, jobKey } from "#server/tables.ts";
import type { ApiContext } from "../context.ts";
import { notFound } from "../http-error.ts";
import { blockingQuery, isSet, parametersOf, queryOf } from "../query.ts";
import { allocationStub } from "./allocation-view.ts";

/** Evaluations: how a job comes to be what it says. */
export function evaluationRoutes(app: FastifyInstance, { server: { state } }: ApiContext): void {
  app.get("/v1/evaluations", (request, reply) =>
    blockingQuery(state, [evaluations], request, reply, () => {
      const { prefix = "", job, status } = queryOf(request);
      return state
        .all(evaluations)
        .filter(
          ({ ID, JobID, Status }) =>
            ID.startsWith(prefix) && (job ?? JobID) === JobID && (status ?? Status) === Status,
        )
        .sort((a, b) => b.CreateIndex - a.CreateIndex);
    }),
  );

  app.get("/v1/evaluation/:id", (request, reply) =>
    blockingQuery(state, [evaluations], request, reply, () => {
      const evaluation = state.get(evaluations, parametersOf(request)["id"] ?? "");
      if (evaluation === undefined) throw notFound("eval not found");
      return isSet(queryOf(request)["related"])
        ? { ...evaluation, RelatedEvals: relatedTo(evaluation) }
        : evaluation;
    }),
  );

  const relatedTo = ({ ID, Namespace, JobID, PreviousEval, BlockedEval }: Evaluation) =>
    state
      .find(evaluations, "job", jobKey(Namespace, JobID))
      .filter((other) => other.PreviousEval === ID || other.ID === PreviousEval || other.ID === BlockedEval)
      .map(({ FailedTGAllocs, QueuedAllocations, ...stub }) => stub);

  app.get("/v1/evaluation/:id/allocations", (request, reply) =>
    blockingQuery(state, [allocations], request, reply, () =>
      state.find(allocations, "evaluation", parametersOf(request)["id"] ?? "").map(allocationStub),
    ),
  );

  app.get("/v1/evaluations/count", (request, reply) =>
    blockingQuery(state, [evaluations], request, reply, () => ({ Count: state.all(evaluations).length })),
  );
}
