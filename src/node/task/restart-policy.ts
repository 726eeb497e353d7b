import type { JobType } from "#model/job/job.ts";
import type { RestartPolicy } from "#model/job/restart.ts";
import type { Task } from "#model/job/task.ts";
import { formatDuration, millisecond } from "#model/schema/duration.ts";

/** The starts after the first one, within the current interval of the policy. */
export interface RestartHistory {
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly since: number;
}

export const noRestarts: RestartHistory = { count: 0, since: 0 };

export type RestartDecision =
  | {
      readonly kind: "restart";
      /** Milliseconds. */
      readonly delay: number;
      readonly reason: string;
      readonly history: RestartHistory;
    }
  | { readonly kind: "end"; readonly isFailed: false }
  | { readonly kind: "end"; readonly isFailed: true; readonly reason: string };

export interface Ended {
  readonly policy: RestartPolicy;
  /** Whether the task should have gone on for ever: a success is then no reason to leave it ended. */
  readonly isLasting: boolean;
  readonly isSuccess: boolean;
  readonly history: RestartHistory;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

/** Delays are lengthened by up to this share, so that tasks that ended together do not start together. */
const JITTER = 0.25;

/** What becomes of a task that has ended by itself. */
export function decideRestart({
  policy,
  isLasting,
  isSuccess,
  history,
  now,
  random,
}: Ended): RestartDecision {
  if (isSuccess && !isLasting) return { kind: "end", isFailed: false };
  if (policy.Attempts === 0) return { kind: "end", isFailed: true, reason: "Policy allows no restarts" };
  const interval = policy.Interval / millisecond;
  const isNewInterval = history.count === 0 || now - history.since > interval;
  const since = isNewInterval ? now : history.since;
  const count = isNewInterval ? 1 : history.count + 1;
  const delay = (policy.Delay / millisecond) * (1 + JITTER * random());
  if (count <= policy.Attempts) {
    return { kind: "restart", delay, reason: "Restart within policy", history: { count, since } };
  }
  const exceeded = `Exceeded allowed attempts ${policy.Attempts} in interval ${formatDuration(policy.Interval)}`;
  if (policy.Mode === "fail") {
    return { kind: "end", isFailed: true, reason: `${exceeded} and mode is "fail"` };
  }
  const rest = since + interval - now;
  return {
    kind: "restart",
    delay: rest + delay,
    reason: `${exceeded}: waiting for the next`,
    history: noRestarts,
  };
}

/** Main tasks of services and all sidecars last; hooks and the tasks of batch jobs end when their work is done. */
export function isLasting({ Lifecycle }: Pick<Task, "Lifecycle">, jobType: JobType): boolean {
  if (Lifecycle !== null) return Lifecycle.Sidecar;
  return jobType === "service" || jobType === "system";
}
