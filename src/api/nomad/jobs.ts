import type { FastifyInstance, FastifyRequest } from "fastify";
import { admit } from "#connect/admission.ts";
import { type Diagnostic, hasErrors, pathText } from "#model/diagnostic.ts";
import { type EvaluationId, newId } from "#model/id.ts";
import { type Job, type JobInput, job as jobSchema } from "#model/job/job.ts";
import { decode } from "#model/schema/decode.ts";
import { childrenOf, jobSummary, statusOf } from "#server/job-status.ts";
import { deregisterJob, newEvaluation, registerJob } from "#server/jobs.ts";
import { allocations, deployments, evaluations, jobKey, jobs, jobVersions } from "#server/tables.ts";
import type { ApiContext } from "../context.ts";
import { badRequest, notFound } from "../http-error.ts";
import { blockingQuery, isSet, namespaceOf, parametersOf, queryOf, wholeNumber } from "../query.ts";
import { allocationStub } from "./allocation-view.ts";

const WRITE = ["PUT", "POST"];

/** Jobs: registration, their state, and what belongs to them. */
export function jobRoutes(
  app: FastifyInstance,
  { server: { state }, agent: { sidecarDriver } }: ApiContext,
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
          ...stub(view(job)),
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
    const { Job, EnforceIndex, JobModifyIndex } = bodyOf(request);
    const { job, warnings } = admitted(readJob(Job), sidecarDriver);
    const enforced =
      EnforceIndex === true ? wholeNumber("JobModifyIndex", String(JobModifyIndex ?? 0)) : undefined;
    const { evaluation, jobModifyIndex, index } = await registerJob(state, job, enforced);
    return {
      EvalID: evaluation,
      EvalCreateIndex: index,
      JobModifyIndex: jobModifyIndex,
      Warnings: warnings,
      Index: index,
      LastContact: 0,
      KnownLeader: true,
    };
  };
  app.route({ method: WRITE, url: "/v1/jobs", handler: register });
  app.route({ method: WRITE, url: "/v1/job/:id", handler: register });

  app.route({
    method: WRITE,
    url: "/v1/validate/job",
    handler: async (request) => {
      const { diagnostics } = admit(readJob(bodyOf(request)["Job"]), sidecarDriver);
      const errors = diagnostics.filter(({ severity }) => severity === "error").map(sentence);
      return {
        DriverConfigValidated: true,
        ValidationErrors: errors.length > 0 ? errors : null,
        Error: errors.join("\n"),
        Warnings: warningsOf(diagnostics),
        // Yurt's own: everything with its path, for those who know the source.
        Diagnostics: diagnostics,
      };
    },
  });

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

  app.route({
    method: WRITE,
    url: "/v1/job/:id/evaluate",
    handler: async (request) => {
      const job = find(request);
      const id = newId<EvaluationId>();
      const { index } = await state.transact((tx) =>
        tx.put(evaluations, id, newEvaluation(id, job, "job-register")),
      );
      return { EvalID: id, EvalCreateIndex: index, JobModifyIndex: job.JobModifyIndex, Index: index };
    },
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
  app.get("/v1/job/:id/versions", (request, reply) =>
    blockingQuery(state, [jobVersions], request, reply, () => {
      find(request);
      const Versions = state.find(jobVersions, "job", keyOf(request)).sort((a, b) => b.Version - a.Version);
      return { Versions, Diffs: null };
    }),
  );
}

/** What a list shows of a job. */
function stub(job: Job) {
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

function bodyOf(request: FastifyRequest): Record<string, unknown> {
  if (typeof request.body !== "object" || request.body === null) {
    throw badRequest('Request decoding failed: expected a JSON object such as {"Job": {…}}');
  }
  return request.body as Record<string, unknown>;
}

function readJob(json: unknown): JobInput {
  if (typeof json !== "object" || json === null) throw badRequest("Job must be specified");
  const { value, problems } = decode(jobSchema, json);
  if (hasErrors(problems)) throw badRequest(problems.map(sentence).join("\n"));
  return value;
}

function admitted(input: JobInput, sidecarDriver: string): { job: Job; warnings: string } {
  const { job, diagnostics } = admit(input, sidecarDriver);
  if (job === null) {
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    throw badRequest(errors.map(sentence).join("\n"));
  }
  return { job, warnings: warningsOf(diagnostics) };
}

function warningsOf(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .filter(({ severity }) => severity === "warning")
    .map(sentence)
    .join("\n");
}

function sentence({ path = [], summary, detail }: Diagnostic): string {
  const place = pathText(path);
  return `${place === "" ? "" : `${place}: `}${summary}: ${detail}`;
}
