import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Job } from "#model/job/job.ts";
import { boolean, integer, object, opaqueMap, optional, string, stringMap } from "#model/schema/builders.ts";
import { dispatchJob } from "#server/dispatch-job.ts";
import { evaluateJob } from "#server/evaluate-job.ts";
import { forceLaunch } from "#server/periodic-jobs.ts";
import { RefusedError } from "#server/refused-error.ts";
import { scaleJob } from "#server/scale-job.ts";
import { allocations, jobKey, jobs, scalingEvents } from "#server/tables.ts";
import type { ApiContext } from "../context.ts";
import { notFound } from "../http-error.ts";
import { blockingQuery, namespaceOf, parametersOf } from "../query.ts";
import { read } from "../read-body.ts";

const scaling = object("scaling request", "", {
  Count: optional(integer("")),
  Target: stringMap(""),
  Message: string("", { maxLength: 1000 }),
  Error: boolean(""),
  Meta: opaqueMap(""),
});

const evaluation = object("evaluation request", "", {
  EvalOptions: optional(object("options", "", { ForceReschedule: boolean("") })),
});

const dispatch = object("dispatch request", "", {
  Payload: string("", { maxLength: 1024 * 1024 }),
  Meta: stringMap(""),
  IdPrefixTemplate: string("", {
    maxLength: 64,
    pattern: { regexp: /^[\w.-]*$/, expected: "letters, digits, dots, dashes and underscores" },
  }),
  IdempotencyToken: string("", { maxLength: 200 }),
});

/** What is done to a job that is there: evaluated, scaled, dispatched, launched before its time. */
export function jobActionRoutes(app: FastifyInstance, { server: { state } }: ApiContext): void {
  const idOf = (request: FastifyRequest) => parametersOf(request)["id"] ?? "";
  const put = (action: string, handler: (request: FastifyRequest) => Promise<object>) =>
    app.route({ method: ["PUT", "POST"], url: `/v1/job/:id/${action}`, handler });

  put("scale", async (request) => {
    const { Count, Target, Message, Meta, ...rest } = read(scaling, request.body);
    const group = Target["Group"] ?? onlyGroup(state.get(jobs, jobKey(namespaceOf(request), idOf(request))));
    const scaled = await scaleJob(state, namespaceOf(request), idOf(request), {
      ...{ group, count: Count, message: Message, isError: rest.Error, meta: Meta },
    });
    return {
      EvalID: scaled.evaluation,
      EvalCreateIndex: scaled.index,
      JobModifyIndex: scaled.jobModifyIndex,
      Index: scaled.index,
    };
  });

  app.get("/v1/job/:id/scale", (request, reply) =>
    blockingQuery(state, [jobs, allocations, scalingEvents], request, reply, () => {
      const key = jobKey(namespaceOf(request), idOf(request));
      const job = state.get(jobs, key);
      if (job === undefined) throw notFound("job not found");
      const events = state.get(scalingEvents, key)?.Events ?? {};
      const groups = job.TaskGroups.map((group) => [
        group.Name,
        { ...standing(group.Name), Desired: group.Count, Events: events[group.Name] ?? [] },
      ]);
      function standing(name: string) {
        const own = state
          .find(allocations, "job", key)
          .filter(({ TaskGroup, DesiredStatus }) => TaskGroup === name && DesiredStatus === "run");
        const healthy = (wanted: boolean) =>
          own.filter(({ DeploymentStatus }) => DeploymentStatus?.Healthy === wanted).length;
        return {
          Placed: own.length,
          Running: own.filter(({ ClientStatus }) => ClientStatus === "running").length,
          Healthy: healthy(true),
          Unhealthy: healthy(false),
        };
      }
      return {
        JobID: job.ID,
        Namespace: job.Namespace,
        JobCreateIndex: job.CreateIndex,
        JobModifyIndex: job.JobModifyIndex,
        JobStopped: job.Stop,
        TaskGroups: Object.fromEntries(groups),
      };
    }),
  );

  put("evaluate", async (request) => {
    const { EvalOptions } = read(evaluation, request.body);
    const isForced = EvalOptions?.ForceReschedule ?? false;
    const asked = await evaluateJob(state, namespaceOf(request), idOf(request), isForced);
    return {
      EvalID: asked.evaluation,
      EvalCreateIndex: asked.index,
      JobModifyIndex: asked.jobModifyIndex,
      Index: asked.index,
    };
  });

  put("periodic/force", async (request) => {
    const { evaluation, index } = await forceLaunch(state, namespaceOf(request), idOf(request));
    return { EvalID: evaluation, EvalCreateIndex: index, Index: index };
  });

  put("dispatch", async (request) => {
    const { Payload, Meta, IdPrefixTemplate, IdempotencyToken } = read(dispatch, request.body);
    const { job, evaluation, index } = await dispatchJob(state, namespaceOf(request), idOf(request), {
      payload: Payload,
      meta: Meta,
      idPrefix: IdPrefixTemplate,
      idempotencyToken: IdempotencyToken,
    });
    return {
      DispatchedJobID: job.ID,
      EvalID: evaluation,
      EvalCreateIndex: index,
      JobCreateIndex: job.CreateIndex || index,
      Index: index,
    };
  });
}

function onlyGroup(job: Job | undefined): string {
  const [group, ...others] = job?.TaskGroups ?? [];
  if (job !== undefined && (group === undefined || others.length > 0)) {
    throw new RefusedError('the job has several groups: say which one in Target, such as {"Group": "web"}');
  }
  return group?.Name ?? "";
}
