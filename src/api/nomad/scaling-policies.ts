import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { Job } from "#model/job/job.ts";
import { jobs } from "#server/tables.ts";
import type { Row } from "#state/table.ts";
import type { ApiContext } from "../context.ts";
import { notFound } from "../http-error.ts";
import { blockingQuery, parametersOf, queryOf } from "../query.ts";

/** Scaling policies: what the `scaling` blocks of jobs say, as autoscalers ask for it. */
export function scalingPolicyRoutes(app: FastifyInstance, { server: { state } }: ApiContext): void {
  const all = () => state.all(jobs).flatMap(policiesOf);

  app.get("/v1/scaling/policies", (request, reply) =>
    blockingQuery(state, [jobs], request, reply, () => {
      const { namespace = "default", job, type, prefix = "" } = queryOf(request);
      return all()
        .filter(
          ({ ID, Type, Target }) =>
            ID.startsWith(prefix) &&
            (namespace === "*" || namespace === Target.Namespace) &&
            (job ?? Target.Job) === Target.Job &&
            (type ?? Type) === Type,
        )
        .map(({ Min: _, Max: __, Policy: ___, ...stub }) => stub);
    }),
  );

  app.get("/v1/scaling/policy/:id", (request, reply) =>
    blockingQuery(state, [jobs], request, reply, () => {
      const policy = all().find(({ ID }) => ID === parametersOf(request)["id"]);
      if (policy === undefined) throw notFound("policy not found");
      return policy;
    }),
  );
}

function policiesOf(job: Row<Job>) {
  if (job.Stop) return [];
  return job.TaskGroups.flatMap(({ Name, Count, Scaling }) => {
    if (Scaling === null) return [];
    const { Min, Max, Policy, Enabled, Type } = Scaling;
    const Target = { Namespace: job.Namespace, Job: job.ID, Group: Name };
    return [
      {
        ID: idOf(Target),
        ...{ Enabled, Type, Target, Policy },
        Min: Min ?? Count,
        Max: Max ?? 0,
        CreateIndex: job.CreateIndex,
        ModifyIndex: job.JobModifyIndex,
      },
    ];
  });
}

/** A UUID that is always the same for a group. */
function idOf(target: Readonly<Record<string, string>>): string {
  const hash = createHash("sha256").update(JSON.stringify(target)).digest("hex");
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    hash.slice(12, 16),
    hash.slice(16, 20),
    hash.slice(20, 32),
  ].join("-");
}
