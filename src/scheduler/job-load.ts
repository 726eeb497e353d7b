import type { NodeId } from "#model/id.ts";

/** Where the allocations of a job are, as the plan so far leaves it. */
export class JobLoad {
  readonly #byNode = new Map<NodeId, Map<string, number>>();

  add(node: NodeId, group: string): void {
    this.#change(node, group, 1);
  }

  remove(node: NodeId, group: string): void {
    this.#change(node, group, -1);
  }

  /** How many of a group, or of the whole job, are on a node. */
  on(node: NodeId, group: string | null): number {
    const groups = this.#byNode.get(node);
    if (groups === undefined) return 0;
    return group === null ? groups.values().reduce((sum, count) => sum + count, 0) : (groups.get(group) ?? 0);
  }

  nodes(): Iterable<NodeId> {
    return this.#byNode.keys();
  }

  #change(node: NodeId, group: string, sign: 1 | -1): void {
    const groups = this.#byNode.get(node) ?? new Map<string, number>();
    groups.set(group, (groups.get(group) ?? 0) + sign);
    this.#byNode.set(node, groups);
  }
}
