import type { FastifyInstance } from "fastify";
import type { Evaluation } from "#model/evaluation.ts";
import type { Shape } from "#model/filter/shape.ts";
import { object, string, strings } from "#model/schema/builders.ts";
import { deleteEvaluations } from "#server/delete-evaluations.ts";
import { allocations, evaluations, jobKey } from "#server/tables.ts";
import type { ApiContext } from "../context.ts";
import { rowFilter } from "../filter.ts";
import { badRequest, notFound } from "../http-error.ts";
import { blockingQuery, isSet, parametersOf, queryOf } from "../query.ts";
import { read } from "../read-body.ts";
import { allocationStub } from "./allocation-view.ts";

const deletion = object("deletion", "", { EvalIDs: strings(""), Filter: string("") });

/** What a filter may ask of an evaluation. */
const evaluationShape: Shape = {
  fields: Object.fromEntries(
    ["ID", "Namespace", "Type", "TriggeredBy", "JobID", "NodeID", "DeploymentID", "Status"].map(
      (name) => [name, "text"] as const,
    ),
  ),
};

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

  app.delete("/v1/evaluations", async (request) => {
    const { EvalIDs, Filter } = read(deletion, request.body);
    const isOf = Filter === "" ? null : rowFilter(Filter, evaluationShape);
    if ((isOf === null) === (EvalIDs.length === 0)) throw badRequest("name EvalIDs or give a Filter");
    const matching =
      isOf === null
        ? EvalIDs
        : state
            .all(evaluations)
            .filter(isOf)
            .map(({ ID }) => ID);
    return { Count: await deleteEvaluations(state, matching) };
  });

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
