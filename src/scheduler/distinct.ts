import type { Constraint } from "#model/job/constraint.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { Job } from "#model/job/job.ts";
import type { Node } from "#model/node.ts";
import { describe, resolve } from "./constraint.ts";
import type { JobLoad } from "./job-load.ts";

/** How many allocations may be on nodes with the same value of an attribute. */
interface Limit {
  readonly constraint: Constraint;
  /** The group whose allocations count; null where all of the job's do. */
  readonly group: string | null;
  readonly most: number;
  readonly used: Map<string, number>;
}

/** The constraints that speak of several allocations: `distinct_hosts` and `distinct_property`. */
export class Distinct {
  readonly #load: JobLoad;
  readonly #hosts: readonly { readonly constraint: Constraint; readonly group: string | null }[];
  readonly #limits: readonly Limit[];

  constructor(job: Job, group: TaskGroup, load: JobLoad, nodeOf: (id: Node["ID"]) => Node | undefined) {
    this.#load = load;
    const all = [
      ...job.Constraints.map((constraint) => ({ constraint, group: null })),
      ...group.Constraints.map((constraint) => ({ constraint, group: group.Name })),
    ];
    this.#hosts = all.filter(
      ({ constraint: { Operand, RTarget } }) => Operand === "distinct_hosts" && RTarget !== "false",
    );
    this.#limits = all
      .filter(({ constraint }) => constraint.Operand === "distinct_property")
      .map((limit) => ({ ...limit, most: Number(limit.constraint.RTarget || "1"), used: new Map() }));
    if (this.#limits.length === 0) return;
    for (const id of load.nodes()) {
      const node = nodeOf(id);
      if (node) for (const limit of this.#limits) count(limit, node, load.on(id, limit.group));
    }
  }

  /** Which constraint forbids one more allocation on the node; null when none does. */
  obstacle(node: Node): string | null {
    const full = this.#hosts.find(({ group }) => this.#load.on(node.ID, group) > 0);
    if (full) return "distinct_hosts";
    for (const { constraint, most, used } of this.#limits) {
      const value = resolve(node, constraint.LTarget);
      if (value === undefined) return `missing property "${constraint.LTarget}"`;
      if ((used.get(value) ?? 0) >= most) return describe(constraint);
    }
    return null;
  }

  /** Whether more are on the node, or on nodes like it, than may be. */
  isOver(node: Node): boolean {
    return (
      this.#hosts.some(({ group }) => this.#load.on(node.ID, group) > 1) ||
      this.#limits.some(({ constraint, most, used }) => {
        const value = resolve(node, constraint.LTarget);
        return value === undefined || (used.get(value) ?? 0) > most;
      })
    );
  }

  add(node: Node): void {
    for (const limit of this.#limits) count(limit, node, 1);
  }

  remove(node: Node): void {
    for (const limit of this.#limits) count(limit, node, -1);
  }
}

function count({ constraint, used }: Limit, node: Node, by: number): void {
  const value = resolve(node, constraint.LTarget);
  if (value !== undefined) used.set(value, (used.get(value) ?? 0) + by);
}
