import { type Allocation, isTerminal } from "#model/allocation.ts";
import type { Evaluation } from "#model/evaluation.ts";
import type { Job } from "#model/job/job.ts";
import type { State } from "#state/state.ts";
import { isLaunched } from "./jobs.ts";
import { allocations, evaluations, jobKey, jobs } from "./tables.ts";

export interface GroupSummary {
  readonly Queued: number;
  readonly Complete: number;
  readonly Failed: number;
  readonly Running: number;
  readonly Starting: number;
  readonly Lost: number;
  readonly Unknown: number;
}

/** `running` while an allocation is not over, `pending` while one is still to come, else `dead`. */
export function jobStatus(
  job: Job,
  ofJob: readonly Allocation[],
  evaluationsOfJob: readonly Evaluation[],
): string {
  if (
    ofJob.some((allocation) => !isTerminal(allocation.ClientStatus) && allocation.ClientStatus !== "unknown")
  ) {
    return "running";
  }
  const isOpen = evaluationsOfJob.some(({ Status }) => Status === "pending" || Status === "blocked");
  if (isOpen) return "pending";
  const endless = job.Type === "service" || job.Type === "system";
  return !job.Stop && (endless ? ofJob.length === 0 : false) ? "pending" : "dead";
}

export function statusOf(state: State, job: Job): string {
  if (isLaunched(job)) return job.Stop ? "dead" : "running";
  const key = jobKey(job.Namespace, job.ID);
  return jobStatus(job, state.find(allocations, "job", key), state.find(evaluations, "job", key));
}

/** How many jobs that were launched from this one are in which state. */
export function childrenOf(state: State, job: Job): Readonly<Record<"Pending" | "Running" | "Dead", number>> {
  const children = isLaunched(job) ? state.find(jobs, "parent", jobKey(job.Namespace, job.ID)) : [];
  const statuses = children.map((child) => statusOf(state, child));
  const count = (status: string) => statuses.filter((each) => each === status).length;
  return { Pending: count("pending"), Running: count("running"), Dead: count("dead") };
}

/** How many allocations of each group are in which state. */
export function jobSummary(state: State, job: Job): Record<string, GroupSummary> {
  const key = jobKey(job.Namespace, job.ID);
  const ofJob = state.find(allocations, "job", key);
  const blocked = state.find(evaluations, "job", key).find((evaluation) => evaluation.Status === "blocked");
  const names = new Set([
    ...job.TaskGroups.map((group) => group.Name),
    ...ofJob.map((allocation) => allocation.TaskGroup),
  ]);
  return Object.fromEntries(
    [...names].map((name) => [name, summaryOf(name, ofJob, blocked?.QueuedAllocations[name] ?? 0)]),
  );
}

function summaryOf(name: string, ofJob: readonly Allocation[], Queued: number): GroupSummary {
  const count = (status: Allocation["ClientStatus"]) =>
    ofJob.filter((allocation) => allocation.TaskGroup === name && allocation.ClientStatus === status).length;
  return {
    Queued,
    Complete: count("complete"),
    Failed: count("failed"),
    Running: count("running"),
    Starting: count("pending"),
    Lost: count("lost"),
    Unknown: count("unknown"),
  };
}
