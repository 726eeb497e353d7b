import type { UpdateStrategy } from "#model/job/update.ts";
import { millisecond } from "#model/schema/duration.ts";
import type { Pulse } from "../host/pulse.ts";

export interface HealthParts {
  readonly policy: HealthPolicy;
  /** Whether the allocation is now as it must be. */
  readonly isGood: () => boolean;
  readonly hasFailed: () => boolean;
  /** Fires whenever one of these may have changed. */
  readonly changed: Pulse;
  readonly signal: AbortSignal;
}

/** The part of an `update` block that says when an allocation is healthy. */
export type HealthPolicy = Pick<UpdateStrategy, "MinHealthyTime" | "HealthyDeadline">;

/** Milliseconds. What makes an allocation good may come with time alone, so it is looked at so often anyhow. */
const LOOK = 1000;

/**
 * Waits until an allocation has been good for as long as the policy wants, or has failed, or has not become
 * healthy in time. Null when `signal` aborts first.
 */
export async function awaitHealth(parts: HealthParts): Promise<boolean | null> {
  const { policy, isGood, hasFailed, changed, signal } = parts;
  const deadline = performance.now() + policy.HealthyDeadline / millisecond;
  const mustLast = policy.MinHealthyTime / millisecond;
  let goodSince: number | null = null;
  while (!signal.aborted) {
    const now = performance.now();
    if (hasFailed()) return false;
    if (!isGood()) goodSince = null;
    else goodSince ??= now;
    if (goodSince !== null && now >= goodSince + mustLast) return true;
    if (now >= deadline) return false;
    const next = goodSince === null ? now + LOOK : goodSince + mustLast;
    await changed.next(signal, Math.min(deadline, next) - now);
  }
  return null;
}
