import type { FastifyInstance } from "fastify";
import { readOnce } from "#mesh/cells.ts";
import { jobEffects } from "#mesh/job-effects.ts";
import { diffJobs } from "#model/job/diff.ts";
import { annotateDiff } from "#server/annotate-diff.ts";
import { planJob } from "#server/plan-job.ts";
import type { ApiContext } from "../context.ts";
import { badRequest } from "../http-error.ts";
import { parametersOf } from "../query.ts";
import { admitted, bodyOf, readJob } from "./job-body.ts";

/** Go's zero time: what Nomad sends for a job that is not periodic. */
const NEVER = "0001-01-01T00:00:00Z";

/** What registering a job would do: to its allocations, to what is stored of it, and to the mesh. */
export function jobPlanRoutes(
  app: FastifyInstance,
  { server: { state, mesh }, agent: { sidecarDriver } }: ApiContext,
): void {
  app.route({
    method: ["PUT", "POST"],
    url: "/v1/job/:id/plan",
    handler: async (request) => {
      const { Job, Diff } = bodyOf(request);
      const { job, warnings } = admitted(readJob(Job), sidecarDriver);
      if (job.ID !== parametersOf(request)["id"]) throw badRequest("Job ID does not match");
      const { before, failed, updates, preempted, nextPeriodicLaunch } = planJob(state, job);
      return {
        Annotations: { DesiredTGUpdates: updates, PreemptedAllocs: preempted },
        CreatedEvals: null,
        Diff: Diff === true ? annotateDiff(diffJobs(before, job), { before, after: job, updates }) : null,
        FailedTGAllocs: Object.keys(failed).length > 0 ? failed : null,
        JobModifyIndex: before?.JobModifyIndex ?? 0,
        NextPeriodicLaunch: nextPeriodicLaunch ?? NEVER,
        Warnings: warnings,
        Index: state.revision,
        // Yurt's own.
        Mesh: readOnce(() => jobEffects(mesh, before, job)),
      };
    },
  });
}
