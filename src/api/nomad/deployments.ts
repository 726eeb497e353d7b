import type { FastifyInstance, FastifyRequest } from "fastify";
import { boolean, object, strings } from "#model/schema/builders.ts";
import {
  type ChangedDeployment,
  failDeployment,
  pauseDeployment,
  promoteDeployment,
  setHealth,
} from "#server/deployment-requests.ts";
import { RefusedError } from "#server/refused-error.ts";
import { allocations, deployments } from "#server/tables.ts";
import type { ApiContext } from "../context.ts";
import { notFound } from "../http-error.ts";
import { blockingQuery, parametersOf, queryOf } from "../query.ts";
import { read } from "../read-body.ts";
import { allocationStub } from "./allocation-view.ts";

const promotion = object("promotion", "", { All: boolean(""), Groups: strings("") });
const pause = object("pause", "", { Pause: boolean("") });
const health = object("health", "", {
  HealthyAllocationIDs: strings(""),
  UnhealthyAllocationIDs: strings(""),
});

/** Deployments: the way of a job from one version to the next. */
export function deploymentRoutes(app: FastifyInstance, { server: { state } }: ApiContext): void {
  app.get("/v1/deployments", (request, reply) =>
    blockingQuery(state, [deployments], request, reply, () => {
      const { prefix = "", namespace = "*" } = queryOf(request);
      return state
        .all(deployments)
        .filter(
          ({ ID, Namespace }) => ID.startsWith(prefix) && (namespace === "*" || Namespace === namespace),
        )
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

  const change = (
    action: string,
    carryOut: (id: string, request: FastifyRequest) => Promise<ChangedDeployment>,
  ) =>
    app.route({
      method: ["PUT", "POST"],
      url: `/v1/deployment/${action}/:id`,
      handler: async (request) => {
        const { evaluation, reverted, index } = await carryOut(parametersOf(request)["id"] ?? "", request);
        return {
          EvalID: evaluation,
          EvalCreateIndex: index,
          DeploymentModifyIndex: index,
          RevertedJobVersion: reverted,
          Index: index,
        };
      },
    });

  change("promote", (id, request) => {
    const { All, Groups } = read(promotion, request.body);
    return promoteDeployment(state, id, All || Groups.length === 0 ? null : Groups);
  });
  change("fail", (id) => failDeployment(state, id));
  change("pause", (id, request) => pauseDeployment(state, id, read(pause, request.body).Pause));
  change("allocation-health", (id, request) => {
    const { HealthyAllocationIDs, UnhealthyAllocationIDs } = read(health, request.body);
    return setHealth(state, id, HealthyAllocationIDs, UnhealthyAllocationIDs);
  });
  change("unblock", async () => {
    throw new RefusedError(
      "only a deployment of a job in several regions is ever blocked, and jobs run in one region here",
    );
  });
}
