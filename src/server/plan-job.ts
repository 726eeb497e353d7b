import type { Allocation } from "#model/allocation.ts";
import type { AllocationMetric } from "#model/evaluation.ts";
import type { Job } from "#model/job/job.ts";
import { nextLaunch } from "#model/launch-time.ts";
import { Cluster } from "#scheduler/cluster.ts";
import type { DesiredUpdates } from "#scheduler/plan.ts";
import { schedule } from "#scheduler/schedule.ts";
import type { State } from "#state/state.ts";
import { isLaunched, nextVersion, sameSpecification } from "./jobs.ts";
import { situationOf } from "./situation.ts";
import { allocations, jobKey, jobs, nodes } from "./tables.ts";

/** What would happen if a job were registered now. */
export interface JobPlan {
  /** The job as it is registered now; null when it is new. */
  readonly before: Job | null;
  /** By task group that could not be placed whole: what stands in the way. */
  readonly failed: Readonly<Record<string, AllocationMetric>>;
  /** By task group: how many instances go which way. */
  readonly updates: Readonly<Record<string, DesiredUpdates>>;
  /** Allocations of other jobs that would have to give way. */
  readonly preempted: readonly Allocation[];
  /** RFC 3339; null for a job that is not periodic. */
  readonly nextPeriodicLaunch: string | null;
}

/** A dry run of the evaluation that registering `job`, canonical and valid, would ask for. Writes nothing. */
export function planJob(state: State, job: Job): JobPlan {
  const before = state.get(jobs, jobKey(job.Namespace, job.ID));
  const nextPeriodicLaunch = (job.Periodic && nextLaunch(job.Periodic, new Date())?.toISOString()) ?? null;
  const isChanged = before === undefined || before.Stop || !sameSpecification(before, job);
  const next = isChanged ? nextVersion(before, job, state.revision + 1) : before;
  if (isLaunched(next))
    return { before: before ?? null, failed: {}, updates: {}, preempted: [], nextPeriodicLaunch };
  const cluster = Cluster.of(state.all(nodes), state.all(allocations));
  const { failed, updates, place } = schedule(situationOf(state, cluster, next));
  const preempted = place.flatMap(({ preempts }) => preempts.map((id) => state.get(allocations, id)));
  return {
    before: before ?? null,
    failed,
    updates,
    preempted: preempted.filter((allocation) => allocation !== undefined),
    nextPeriodicLaunch,
  };
}
