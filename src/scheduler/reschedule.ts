import type { Allocation } from "#model/allocation.ts";
import type { ReschedulePolicy } from "#model/job/reschedule.ts";

const MILLISECOND = 1e6;

/**
 * When the newest failed allocation of a name may be replaced, in milliseconds since 1970; null for never.
 * `ofName`: every allocation that ever held the name.
 */
export function rescheduleAt(policy: ReschedulePolicy | null, ofName: readonly Allocation[]): number | null {
  const failed = ofName.filter((allocation) => allocation.ClientStatus === "failed");
  const last = Math.max(...failed.map(endOf));
  if (policy === null) return null;
  if (!policy.Unlimited) {
    const since = last - policy.Interval / MILLISECOND;
    if (failed.filter((allocation) => endOf(allocation) >= since).length > policy.Attempts) return null;
  }
  return last + delay(policy, failed.length) / MILLISECOND;
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
  return ends.length > 0 ? Math.max(...ends) : allocation.ModifyTime / MILLISECOND;
}
