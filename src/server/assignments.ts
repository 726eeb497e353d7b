import type { Allocation } from "#model/allocation.ts";
import type { NodeId } from "#model/id.ts";
import type { Job } from "#model/job/job.ts";
import type { State } from "#state/state.ts";
import type { RowChange } from "#state/table-rows.ts";
import { allocations, jobKeyOf, jobs, jobVersions, versionKey } from "./tables.ts";

/** An allocation with the version of the job that it runs. */
export interface AllocationWithJob extends Allocation {
  readonly Job: Job;
}

/** Tells each node of its allocations. A change wakes the nodes that it concerns, and no others. */
export class Assignments {
  readonly #state: State;
  readonly #stop: () => void;
  readonly #waiting = new Map<NodeId, Set<() => void>>();

  constructor(state: State) {
    this.#state = state;
    this.#stop = state.observe(({ changes }) => {
      for (const { before, after } of (changes.get(allocations.name) ?? []) as RowChange<Allocation>[]) {
        const node = after?.NodeID ?? before?.NodeID;
        // What the node itself reported is no news to it.
        if (node !== undefined && wish(before) !== wish(after)) this.#wake(node);
      }
    });
  }

  close(): void {
    this.#stop();
    for (const node of this.#waiting.keys()) this.#wake(node);
  }

  /** All allocations that a node must know of, again and whole each time one of them changes. */
  async *of(node: NodeId, signal: AbortSignal): AsyncGenerator<readonly AllocationWithJob[]> {
    while (!signal.aborted) {
      const change = this.#change(node, signal);
      yield this.#state.find(allocations, "node", node).flatMap((each) => withJob(this.#state, each));
      await change;
    }
  }

  #change(node: NodeId, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(node) ?? new Set();
      this.#waiting.set(node, waiting);
      const resume = () => {
        waiting.delete(resume);
        if (waiting.size === 0 && this.#waiting.get(node) === waiting) this.#waiting.delete(node);
        signal.removeEventListener("abort", resume);
        resolve();
      };
      waiting.add(resume);
      signal.addEventListener("abort", resume);
    });
  }

  #wake(node: NodeId): void {
    for (const resume of [...(this.#waiting.get(node) ?? [])]) resume();
  }
}

function wish(allocation: Allocation | null): string {
  if (allocation === null) return "";
  const { DesiredStatus, JobVersion, DeploymentID, DeploymentStatus } = allocation;
  return `${DesiredStatus} ${JobVersion} ${DeploymentID} ${DeploymentStatus?.Canary ?? false}`;
}

export function withJob(state: State, allocation: Allocation): AllocationWithJob[] {
  const { Namespace, JobID, JobVersion } = allocation;
  const job =
    state.get(jobVersions, versionKey(Namespace, JobID, JobVersion)) ?? state.get(jobs, jobKeyOf(allocation));
  return job === undefined ? [] : [{ ...allocation, Job: job }];
}
