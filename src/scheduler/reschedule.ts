import type { Allocation } from "#model/allocation.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { Job } from "#model/job/job.ts";
import type { ReschedulePolicy } from "#model/job/reschedule.ts";
import { hour, millisecond, second } from "#model/schema/duration.ts";

/** A system job has none of its own, and shall run on its node all the same. */
const SYSTEM_POLICY: ReschedulePolicy = {
  Attempts: 0,
  Interval: 0,
  Delay: 30 * second,
  DelayFunction: "exponential",
  MaxDelay: hour,
  Unlimited: true,
};

export function reschedulePolicyOf({ Type }: Job, { ReschedulePolicy }: TaskGroup): ReschedulePolicy | null {
  return ReschedulePolicy ?? (Type === "system" ? SYSTEM_POLICY : null);
}

/**
 * When the newest failed allocation of a name may be replaced, in milliseconds since 1970; null for never.
 * `ofName`: every allocation that ever held the name.
 */
export function rescheduleAt(policy: ReschedulePolicy | null, ofName: readonly Allocation[]): number | null {
  const failed = ofName
    .filter((allocation) => allocation.ClientStatus === "failed")
    .toSorted((a, b) => endOf(a) - endOf(b));
  const last = failed.at(-1);
  if (last === undefined) return null;
  const end = endOf(last);
  // One that is asked for by people or by a deployment is not made to wait.
  if (last.DesiredTransition.Reschedule) return end;
  if (policy === null) return null;
  if (!policy.Unlimited) {
    const since = end - policy.Interval / millisecond;
    if (failed.filter((allocation) => endOf(allocation) >= since).length > policy.Attempts) return null;
  }
  return end + delay(policy, failuresInARow(policy, failed)) / millisecond;
}

/** One that ran for longer than the wait before it begins the count anew: what it failed of is another matter. */
function failuresInARow(policy: ReschedulePolicy, failed: readonly Allocation[]): number {
  return failed.reduce((row, allocation) => {
    const ran = endOf(allocation) * millisecond - allocation.CreateTime;
    return row > 0 && policy.DelayFunction !== "constant" && ran > delay(policy, row + 1) ? 1 : row + 1;
  }, 0);
}

/** Nanoseconds to wait after the n-th failure. */
function delay({ Delay, DelayFunction, MaxDelay }: ReschedulePolicy, n: number): number {
  const limit = MaxDelay > 0 ? MaxDelay : Number.POSITIVE_INFINITY;
  switch (DelayFunction) {
    case "exponential":
      return Math.min(Delay * 2 ** (n - 1), limit);
    case "fibonacci":
      return Math.min(Delay * fibonacci(n), limit);
    case "constant":
      return Delay;
  }
}

function fibonacci(n: number): number {
  let [a, b] = [1, 1];
  for (let i = 1; i < n && a < 1e9; i++) [a, b] = [b, a + b];
  return a;
}

function endOf(allocation: Allocation): number {
  const ends = Object.values(allocation.TaskStates).flatMap(({ FinishedAt }) =>
    FinishedAt ? [Date.parse(FinishedAt)] : [],
  );
  return ends.length > 0 ? Math.max(...ends) : allocation.ModifyTime / millisecond;
}
