import { type EvaluationId, newId } from "#model/id.ts";
import type { Job } from "#model/job/job.ts";
import type { State, Transaction } from "#state/state.ts";
import { newEvaluation, putJob } from "./jobs.ts";
import { RefusedError } from "./refused-error.ts";
import { deployments, evaluations, jobKey, jobs, scalingEvents } from "./tables.ts";
import { nanosecondsNow } from "./time.ts";

/** So many of the last scaling events of a group are remembered. As in Nomad. */
const EVENTS_KEPT = 20;

export interface ScaleRequest {
  readonly group: string;
  /** Null only records a message or an error of an autoscaler. */
  readonly count: number | null;
  readonly message: string;
  readonly isError: boolean;
  readonly meta: Readonly<Record<string, unknown>>;
}

export interface Scaled {
  readonly evaluation: EvaluationId | "";
  readonly jobModifyIndex: number;
  readonly index: number;
}

/** Changes how many instances of a group shall run, within the bounds of its `scaling` block. */
export async function scaleJob(
  state: State,
  namespace: string,
  id: string,
  request: ScaleRequest,
): Promise<Scaled> {
  const { result, index } = await state.transact((tx): Omit<Scaled, "index"> => {
    const before = tx.get(jobs, jobKey(namespace, id));
    if (before === undefined) throw new RefusedError("job not found", "not found");
    const evaluation = request.count === null ? "" : newId<EvaluationId>();
    const { job, previous } = scaled(state, before, request);
    const next = request.count === null ? before : putJob(state, tx, before, job);
    if (evaluation !== "") tx.put(evaluations, evaluation, newEvaluation(evaluation, next, "job-scaling"));
    record(tx, before, request, previous, evaluation);
    return { evaluation, jobModifyIndex: next.JobModifyIndex };
  });
  return { ...result, index };
}

function scaled(state: State, job: Job, { group: name, count, isError }: ScaleRequest) {
  const group = job.TaskGroups.find(({ Name }) => Name === name);
  if (group === undefined)
    throw new RefusedError(`task group "${name}" specified for scaling does not exist in job`);
  if (count === null) return { job, previous: group.Count };
  if (isError) throw new RefusedError("scaling action should not contain count if error is true");
  if (!Number.isInteger(count) || count < 0) throw new RefusedError("scaling action count can't be negative");
  if (job.Type === "system" || job.Type === "sysbatch")
    throw new RefusedError('cannot scale jobs of type "system": they run once on each node');
  const { Min, Max } = group.Scaling ?? { Min: null, Max: null };
  if (group.Scaling && Min !== null && count < Min) {
    throw new RefusedError(`group count was less than scaling policy minimum: ${count} < ${Min}`);
  }
  if (group.Scaling && Max !== null && count > Max) {
    throw new RefusedError(`group count was greater than scaling policy maximum: ${count} > ${Max}`);
  }
  const isDeploying = state
    .find(deployments, "job", jobKey(job.Namespace, job.ID))
    .some(({ Status }) => Status === "running" || Status === "paused");
  if (isDeploying) throw new RefusedError("job scaling blocked due to active deployment");
  const TaskGroups = job.TaskGroups.map((each) => (each.Name === name ? { ...each, Count: count } : each));
  return { job: { ...job, TaskGroups }, previous: group.Count };
}

function record(
  tx: Transaction,
  { Namespace, ID }: Job,
  { group, count, message, isError, meta }: ScaleRequest,
  PreviousCount: number,
  EvalID: EvaluationId | "",
): void {
  const key = jobKey(Namespace, ID);
  const known = tx.get(scalingEvents, key)?.Events ?? {};
  const event = {
    Time: nanosecondsNow(),
    Count: count,
    PreviousCount,
    Message: message,
    Error: isError,
    Meta: meta,
    EvalID,
  };
  const Events = { ...known, [group]: [event, ...(known[group] ?? [])].slice(0, EVENTS_KEPT) };
  tx.put(scalingEvents, key, { Namespace, JobID: ID, Events });
}
