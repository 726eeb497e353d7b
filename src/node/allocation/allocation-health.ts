import type { MigrateStrategy } from "#model/job/migrate.ts";
import type { UpdateStrategy } from "#model/job/update.ts";
import type { Pulse } from "#model/pulse.ts";
import { millisecond } from "#model/schema/duration.ts";
import type { AllocationChecks } from "../checks/allocation-checks.ts";
import type { AssignedAllocation } from "../server-link.ts";
import { groupOf } from "./allocation-home.ts";
import type { AllocationTasks } from "./allocation-tasks.ts";
import { isSidecar, isUnderWay, partOf } from "./lifecycle.ts";

/** Milliseconds. A service may listen so much later than its task starts, and its allocation is not healthy before. */
const LISTENING_GRACE = 5000;

export interface JudgeParts {
  readonly tasks: AllocationTasks;
  readonly checks: AllocationChecks;
  readonly changed: Pulse;
  readonly found: (health: boolean) => void;
}

/** Finds out whether an allocation is healthy, for each deployment that asks. */
export class HealthJudge {
  readonly #parts: JudgeParts;
  /** Aborts when it is judged anew. */
  #judging = new AbortController();

  constructor(parts: JudgeParts) {
    this.#parts = parts;
  }

  /** Begins anew, until `signal` aborts. */
  async judge(assignment: AssignedAllocation, signal: AbortSignal): Promise<void> {
    this.#judging.abort();
    this.#judging = new AbortController();
    const policy = policyOf(assignment);
    if (policy === null || policy.HealthCheck === "manual") return;
    const { tasks, changed, found } = this.#parts;
    const health = await awaitHealth({
      policy,
      isGood: () => this.#isGood(policy.HealthCheck === "checks"),
      hasFailed: () => tasks.failure() !== null,
      changed,
      signal: AbortSignal.any([signal, this.#judging.signal]),
    });
    if (health !== null) found(health);
  }

  #isGood(looksAtChecks: boolean): boolean {
    const { tasks, checks } = this.#parts;
    const lasting = tasks.now().filter(({ task }) => partOf(task) === "main" || isSidecar(task));
    if (!lasting.every(({ task, state }) => isUnderWay(task, state))) return false;
    const since = Math.max(0, ...lasting.map(({ state }) => Date.parse(state.StartedAt ?? "")));
    const mayBeLate = Date.now() - since > LISTENING_GRACE;
    return !looksAtChecks || (checks.isHealthy() && (mayBeLate || checks.isListening()));
  }
}

/** One that no deployment counts came in place of another: a drain may wait until it is healthy. */
function policyOf(assignment: AssignedAllocation): UpdateStrategy | MigrateStrategy | null {
  const { Update, Migrate } = groupOf(assignment);
  return assignment.DeploymentID === "" ? (Migrate ?? Update) : Update;
}

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
