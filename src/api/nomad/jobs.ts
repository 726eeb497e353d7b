import type { FastifyInstance, FastifyRequest } from "fastify";
import { readOnce } from "#mesh/cells.ts";
import { peerWarnings } from "#mesh/job-effects.ts";
import type { Job } from "#model/job/job.ts";
import { childrenOf, jobSummary, statusOf } from "#server/job-status.ts";
import { deregisterJob, registerJob } from "#server/jobs.ts";
import { configurationOf } from "#server/situation.ts";
import { allocations, deployments, evaluations, jobKey, jobs } from "#server/tables.ts";
import type { State } from "#state/state.ts";
import type { ApiContext } from "../context.ts";
import { HttpError, notFound } from "../http-error.ts";
import { blockingQuery, isSet, namespaceOf, parametersOf, queryOf } from "../query.ts";
import { allocationStub } from "./allocation-view.ts";
import { admitted, bodyOf, readJob, registeringOf } from "./job-body.ts";

const WRITE = ["PUT", "POST"];

const REGISTRATION_IS_OFF =
  "Job registration, dispatch, and scale are disabled by the scheduler configuration";

/** Jobs: registration, their state, and what belongs to them. */
export function jobRoutes(
  app: FastifyInstance,
  { server: { state, mesh }, agent: { sidecarDriver } }: ApiContext,
): void {
  const find = (request: FastifyRequest): Job => {
    const { id = "" } = parametersOf(request);
    const job = state.get(jobs, jobKey(namespaceOf(request), id));
    if (job === undefined) throw notFound("job not found");
    return job;
  };
  const view = (job: Job): Job => ({ ...job, Status: statusOf(state, job) });
  const keyOf = (request: FastifyRequest) => jobKey(namespaceOf(request), parametersOf(request)["id"] ?? "");

  app.get("/v1/jobs", (request, reply) =>
    blockingQuery(state, [jobs, allocations, evaluations], request, reply, () => {
      const { prefix = "", namespace = "default", meta } = queryOf(request);
      return state
        .all(jobs)
        .filter((job) => job.ID.startsWith(prefix) && (namespace === "*" || job.Namespace === namespace))
        .sort((a, b) => (a.ID < b.ID ? -1 : 1))
        .map((job) => ({
          ...jobStub(state, job),
          ...(isSet(meta) ? { Meta: job.Meta } : {}),
          JobSummary: summary(job),
        }));
    }),
  );

  const summary = (job: Job) => ({
    JobID: job.ID,
    Namespace: job.Namespace,
    Summary: jobSummary(state, job),
    Children: childrenOf(state, job),
    CreateIndex: job.CreateIndex,
    ModifyIndex: job.ModifyIndex,
  });

  const register = async (request: FastifyRequest) => {
    const body = bodyOf(request);
    if (configurationOf(state).RejectJobRegistration) throw new HttpError(403, REGISTRATION_IS_OFF);
    const { job, warnings } = admitted(readJob(body["Job"]), sidecarDriver);
    const { registering, remark } = registeringOf(body);
    const { evaluation, jobModifyIndex, index } = await registerJob(state, job, registering);
    const remarks = readOnce(() => peerWarnings(mesh, job));
    return {
      EvalID: evaluation,
      EvalCreateIndex: index,
      JobModifyIndex: jobModifyIndex,
      Warnings: [warnings, ...remarks, remark].filter(Boolean).join("\n"),
      // Yurt's own: what the client cannot know itself.
      Remarks: remarks,
      Index: index,
      LastContact: 0,
      KnownLeader: true,
    };
  };
  app.route({ method: WRITE, url: "/v1/jobs", handler: register });
  app.route({ method: WRITE, url: "/v1/job/:id", handler: register });

  app.get("/v1/job/:id", (request, reply) =>
    blockingQuery(state, [jobs, allocations, evaluations], request, reply, () => view(find(request))),
  );

  app.delete("/v1/job/:id", async (request) => {
    const purge = isSet(queryOf(request)["purge"]);
    const stopped = await deregisterJob(
      state,
      namespaceOf(request),
      parametersOf(request)["id"] ?? "",
      purge,
    );
    if (stopped === null) throw notFound("job not found");
    const { evaluation, jobModifyIndex, index } = stopped;
    return { EvalID: evaluation, EvalCreateIndex: index, JobModifyIndex: jobModifyIndex, Index: index };
  });

  app.get("/v1/job/:id/allocations", (request, reply) =>
    blockingQuery(state, [allocations], request, reply, () => {
      const all = isSet(queryOf(request)["all"]);
      const created = state.get(jobs, keyOf(request))?.CreateIndex ?? 0;
      return state
        .find(allocations, "job", keyOf(request))
        .filter((allocation) => all || allocation.CreateIndex >= created)
        .sort((a, b) => b.CreateIndex - a.CreateIndex || (a.Name < b.Name ? -1 : 1))
        .map(allocationStub);
    }),
  );

  app.get("/v1/job/:id/evaluations", (request, reply) =>
    blockingQuery(state, [evaluations], request, reply, () =>
      state.find(evaluations, "job", keyOf(request)).sort((a, b) => b.CreateIndex - a.CreateIndex),
    ),
  );

  const deploymentsOf = (request: FastifyRequest) =>
    state.find(deployments, "job", keyOf(request)).sort((a, b) => b.CreateIndex - a.CreateIndex);

  app.get("/v1/job/:id/deployments", (request, reply) =>
    blockingQuery(state, [deployments], request, reply, () => deploymentsOf(request)),
  );
  app.get("/v1/job/:id/deployment", (request, reply) =>
    blockingQuery(state, [deployments], request, reply, () => deploymentsOf(request)[0] ?? null),
  );
  app.get("/v1/job/:id/summary", (request, reply) =>
    blockingQuery(state, [jobs, allocations, evaluations], request, reply, () => summary(find(request))),
  );
}

/** What a list shows of a job. */
export function jobStub(state: State, stored: Job) {
  const job = { ...stored, Status: statusOf(state, stored) };
  const {
    ID,
    ParentID,
    Name,
    Namespace,
    Datacenters,
    NodePool,
    Type,
    Priority,
    Stop,
    Status,
    StatusDescription,
  } = job;
  const { SubmitTime, Version, CreateIndex, ModifyIndex, JobModifyIndex } = job;
  return {
    ID,
    ParentID,
    Name,
    Namespace,
    Datacenters,
    NodePool,
    Type,
    Priority,
    Periodic: job.Periodic !== null,
    ParameterizedJob: job.ParameterizedJob !== null,
    Stop,
    Status,
    StatusDescription,
    SubmitTime,
    Version,
    CreateIndex,
    ModifyIndex,
    JobModifyIndex,
  };
}
