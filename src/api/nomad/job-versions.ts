import type { FastifyInstance, FastifyRequest } from "fastify";
import type { JobDiff } from "#model/job/diff.ts";
import { diffJobs } from "#model/job/diff.ts";
import type { Job } from "#model/job/job.ts";
import { integer, object, optional } from "#model/schema/builders.ts";
import { revertJob } from "#server/revert-job.ts";
import { jobKey, jobs, jobVersions, submissions, versionKey } from "#server/tables.ts";
import type { ApiContext } from "../context.ts";
import { badRequest, notFound } from "../http-error.ts";
import { blockingQuery, isSet, namespaceOf, parametersOf, queryOf, wholeNumber } from "../query.ts";
import { read } from "../read-body.ts";

const reverting = object("revert request", "", {
  JobVersion: optional(integer("", { min: 0 })),
  EnforcePriorVersion: optional(integer("", { min: 0 })),
});

/** The versions of a job that are remembered, what changed from one to the next, and the way back. */
export function jobVersionRoutes(app: FastifyInstance, { server: { state } }: ApiContext): void {
  const keyOf = (request: FastifyRequest) => jobKey(namespaceOf(request), parametersOf(request)["id"] ?? "");

  app.get("/v1/job/:id/versions", (request, reply) =>
    blockingQuery(state, [jobVersions], request, reply, () => {
      const key = keyOf(request);
      if (state.get(jobs, key) === undefined) throw notFound("job not found");
      const Versions = state.find(jobVersions, "job", key).sort((a, b) => b.Version - a.Version);
      return { Versions, Diffs: isSet(queryOf(request)["diffs"]) ? diffsOf(Versions, request) : null };
    }),
  );

  app.get("/v1/job/:id/submission", (request, reply) =>
    blockingQuery(state, [submissions], request, reply, () => {
      const id = parametersOf(request)["id"] ?? "";
      const version = wholeNumber("version", queryOf(request)["version"] ?? "");
      const found = state.get(submissions, versionKey(namespaceOf(request), id, version));
      if (found === undefined) throw notFound("job source not found");
      return found;
    }),
  );

  app.route({
    method: ["PUT", "POST"],
    url: "/v1/job/:id/revert",
    handler: async (request) => {
      const { JobVersion, EnforcePriorVersion } = read(reverting, request.body);
      if (JobVersion === null) throw badRequest("JobVersion must be given");
      const { evaluation, jobModifyIndex, index } = await revertJob(state, {
        namespace: namespaceOf(request),
        id: parametersOf(request)["id"] ?? "",
        version: JobVersion,
        enforced: EnforcePriorVersion,
      });
      return { EvalID: evaluation, EvalCreateIndex: index, JobModifyIndex: jobModifyIndex, Index: index };
    },
  });
}

/** From each version's predecessor to it; with `diff_version` or `diff_tag` from that one to each other. */
function diffsOf(versions: readonly Job[], request: FastifyRequest): JobDiff[] {
  const { diff_version, diff_tag } = queryOf(request);
  if (diff_version === undefined && diff_tag === undefined)
    return versions.slice(0, -1).map((job, at) => diffJobs(versions[at + 1] ?? null, job));
  const base =
    diff_tag === undefined
      ? versions.find(({ Version }) => Version === wholeNumber("diff_version", diff_version ?? ""))
      : versions.find(({ VersionTag }) => VersionTag?.Name === diff_tag);
  if (base === undefined) {
    const wanted = diff_tag === undefined ? `version ${diff_version}` : `version tagged "${diff_tag}"`;
    throw notFound(`the job has no ${wanted} that is still remembered`);
  }
  return versions.filter((job) => job !== base).map((job) => diffJobs(base, job));
}
