import type { Allocation } from "#model/allocation.ts";
import { newId } from "#model/id.ts";
import type { Job } from "#model/job/job.ts";
import type { Situation } from "#scheduler/plan.ts";
import type { State } from "#state/state.ts";
import { sameWork } from "./same-work.ts";
import {
  allocations,
  deployments,
  jobKey,
  jobKeyOf,
  jobs,
  jobVersions,
  nodes,
  versionKey,
} from "./tables.ts";

/** The job that an evaluation is about; a purged one is still known by the version that its allocations run. */
export function jobOf(
  state: State,
  evaluation: { readonly Namespace: string; readonly JobID: string },
): Job | undefined {
  const key = jobKeyOf(evaluation);
  const current = state.get(jobs, key);
  if (current !== undefined) return current;
  const last = state.find(jobVersions, "job", key).sort((a, b) => b.Version - a.Version)[0];
  return last && { ...last, Stop: true };
}

/** All that the scheduler looks at to decide what becomes of `job`. */
export function situationOf(state: State, job: Job): Situation {
  const key = jobKey(job.Namespace, job.ID);
  const newest = state.find(deployments, "job", key).sort((a, b) => b.CreateIndex - a.CreateIndex)[0];
  return {
    job,
    allocations: state.find(allocations, "job", key),
    deployment: newest ?? null,
    isCurrent: (allocation) => isCurrent(state, job, allocation),
    nodes: state.all(nodes),
    allocationsOn: (node) => state.find(allocations, "node", node),
    now: Date.now(),
    newId: () => newId(),
    random: Math.random,
  };
}

function isCurrent(state: State, job: Job, allocation: Allocation): boolean {
  if (allocation.JobVersion === job.Version) return true;
  const ran = state.get(jobVersions, versionKey(job.Namespace, job.ID, allocation.JobVersion));
  return ran !== undefined && sameWork(ran, job, allocation.TaskGroup);
}
