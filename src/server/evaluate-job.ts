import { type EvaluationId, newId } from "#model/id.ts";
import type { State } from "#state/state.ts";
import { isLaunched, newEvaluation } from "./jobs.ts";
import { RefusedError } from "./refused-error.ts";
import { allocations, evaluations, jobKey, jobs } from "./tables.ts";
import { nanosecondsNow } from "./time.ts";

/** Asks for an evaluation of a job. `isForced`: its failed allocations are replaced whatever their policy says. */
export async function evaluateJob(
  state: State,
  namespace: string,
  id: string,
  isForced: boolean,
): Promise<{ readonly evaluation: EvaluationId; readonly jobModifyIndex: number; readonly index: number }> {
  const key = jobKey(namespace, id);
  const evaluation = newId<EvaluationId>();
  const { result, index } = await state.transact((tx) => {
    const job = tx.get(jobs, key);
    if (job === undefined) throw new RefusedError("job not found", "not found");
    if (job.Periodic !== null) throw new RefusedError("can't evaluate periodic job: it only launches others");
    if (isLaunched(job)) throw new RefusedError("can't evaluate parameterized job: it only launches others");
    const failed = isForced ? state.find(allocations, "job", key).filter(isFailed) : [];
    for (const { ID } of failed) {
      const allocation = tx.get(allocations, ID);
      const DesiredTransition = { Migrate: false, Reschedule: true };
      if (allocation)
        tx.put(allocations, ID, { ...allocation, DesiredTransition, ModifyTime: nanosecondsNow() });
    }
    tx.put(evaluations, evaluation, newEvaluation(evaluation, job, "job-register"));
    return job.JobModifyIndex;
  });
  return { evaluation, jobModifyIndex: result, index };
}

function isFailed({
  ClientStatus,
  DesiredStatus,
  NextAllocation,
}: {
  readonly ClientStatus: string;
  readonly DesiredStatus: string;
  readonly NextAllocation: string;
}): boolean {
  return ClientStatus === "failed" && DesiredStatus === "run" && NextAllocation === "";
}
