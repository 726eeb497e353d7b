import { type Allocation, isTerminal } from "#model/allocation.ts";
import type { NodeId } from "#model/id.ts";
import type { Node } from "#model/node.ts";
import { couldRun } from "#scheduler/could-run.ts";
import type { State, Transaction } from "#state/state.ts";
import type { RowChange } from "#state/table-rows.ts";
import { jobOf } from "./situation.ts";
import { allocations, evaluations, jobKeyOf, nodes } from "./tables.ts";

/** Nodes on which there may be more room, and jobs of which an allocation has gone. */
export interface Freed {
  readonly nodes: readonly Node[];
  readonly jobs: ReadonlySet<string>;
}

/**
 * There may be room now for what had none; nobody is woken for a node that could never run it. Where an allocation of
 * a job has gone, another may come that had to be apart from it.
 */
export function unblock(state: State, tx: Transaction, freed: Freed): void {
  for (const { ID } of state.find(evaluations, "status", "blocked")) {
    const blocked = tx.get(evaluations, ID);
    if (blocked?.Status !== "blocked") continue;
    const job = jobOf(state, blocked);
    const groups = Object.keys(blocked.FailedTGAllocs);
    const mayFit =
      job === undefined ||
      freed.jobs.has(jobKeyOf(blocked)) ||
      freed.nodes.some((node) => couldRun(job, groups, node));
    if (mayFit) tx.put(evaluations, ID, { ...blocked, Status: "pending", StatusDescription: "" });
  }
}

/**
 * What is freed while a plan is on its way into the state. Who freed it could not see yet that somebody would wait for
 * it, and who waits did not see that it was free.
 */
export class FreedMeanwhile {
  readonly #state: State;
  readonly #nodes = new Set<NodeId>();
  readonly #jobs = new Set<string>();
  readonly stop: () => void;

  constructor(state: State) {
    this.#state = state;
    this.stop = state.observe(({ changes }) => {
      for (const { after } of (changes.get(nodes.name) ?? []) as RowChange<Node>[]) {
        if (after !== null) this.#nodes.add(after.ID);
      }
      for (const change of (changes.get(allocations.name) ?? []) as RowChange<Allocation>[]) {
        if (change.before === null || !hasEnded(change)) continue;
        this.#nodes.add(change.before.NodeID);
        this.#jobs.add(jobKeyOf(change.before));
      }
    });
  }

  /** What came since the last call. */
  take(): Freed | null {
    if (this.#nodes.size === 0) return null;
    const found = [...this.#nodes].flatMap((id) => this.#state.get(nodes, id) ?? []);
    const freed = { nodes: found, jobs: new Set(this.#jobs) };
    this.#nodes.clear();
    this.#jobs.clear();
    return freed;
  }
}

function hasEnded({ before, after }: RowChange<Allocation>): boolean {
  const isOver = (allocation: Allocation | null) =>
    allocation === null || isTerminal(allocation.ClientStatus);
  return isOver(after) && !isOver(before);
}
