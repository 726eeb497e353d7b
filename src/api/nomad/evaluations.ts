import type { FastifyInstance } from "fastify";
import { allocations, deployments, evaluations } from "#server/tables.ts";
import type { ApiContext } from "../context.ts";
import { notFound } from "../http-error.ts";
import { blockingQuery, parametersOf, queryOf } from "../query.ts";
import { allocationStub } from "./allocation-view.ts";

/** Evaluations and deployments: how a job comes to be what it says. */
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
      return evaluation;
    }),
  );

  app.get("/v1/evaluation/:id/allocations", (request, reply) =>
    blockingQuery(state, [allocations], request, reply, () =>
      state.find(allocations, "evaluation", parametersOf(request)["id"] ?? "").map(allocationStub),
    ),
  );

  app.get("/v1/deployments", (request, reply) =>
    blockingQuery(state, [deployments], request, reply, () => {
      const { prefix = "" } = queryOf(request);
      return state
        .all(deployments)
        .filter(({ ID }) => ID.startsWith(prefix))
        .sort((a, b) => b.CreateIndex - a.CreateIndex);
    }),
  );

  app.get("/v1/deployment/:id", (request, reply) =>
    blockingQuery(state, [deployments], request, reply, () => {
      const deployment = state.get(deployments, parametersOf(request)["id"] ?? "");
      if (deployment === undefined) throw notFound("deployment not found");
      return deployment;
    }),
  );

  app.get("/v1/deployment/allocations/:id", (request, reply) =>
    blockingQuery(state, [allocations], request, reply, () =>
      state.find(allocations, "deployment", parametersOf(request)["id"] ?? "").map(allocationStub),
    ),
  );
}
