import type { Pulse } from "#model/pulse.ts";
import { formatDuration, millisecond } from "#model/schema/duration.ts";

export interface RunTime {
  /** Nanoseconds; null for ever. Another version of the job may allow another time. */
  readonly allowed: () => number | null;
  /** Milliseconds since 1970. */
  readonly startedAt: () => number;
  /** Fires whenever one of these may have changed. */
  readonly changed: Pulse;
}

/**
 * Waits until an allocation has run for as long as its group allows, and gives the reason to end it. Null when `signal`
 * aborts first.
 */
export async function runsTooLong(time: RunTime, signal: AbortSignal): Promise<string | null> {
  while (!signal.aborted) {
    const allowed = time.allowed() ?? Number.POSITIVE_INFINITY;
    const left = Math.ceil(time.startedAt() + allowed / millisecond - Date.now());
    if (left <= 0) return `the allocation has run for its max_run_duration of ${formatDuration(allowed)}`;
    await time.changed.next(signal, left);
  }
  return null;
}
