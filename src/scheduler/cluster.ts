import type { AllocatedResources, Allocation } from "#model/allocation.ts";
import type { AllocationId, NodeId } from "#model/id.ts";
import type { Node } from "#model/node.ts";
import { profileOf } from "./profile.ts";
import { type Amounts, capacityOf, holdsResources, Usage } from "./usage.ts";

/** What of an allocation matters to others that want its place. */
export interface Holder {
  readonly ID: AllocationId;
  readonly Namespace: string;
  readonly JobID: string;
  readonly AllocatedResources: AllocatedResources;
}

/** A node and what is taken of it. */
export interface Machine {
  readonly node: Node;
  /** The same for nodes that differ in nothing but what is unique to each. */
  readonly profile: string;
  readonly capacity: Amounts;
  readonly usage: Usage;
  readonly holders: Map<AllocationId, Holder>;
}

export interface Machines {
  all(): readonly Machine[];
  get(id: NodeId): Machine | undefined;
}

/** Every node with what is taken of it, kept true as nodes and allocations come, change and go. */
export class Cluster implements Machines {
  readonly #machines = new Map<NodeId, Machine>();
  /** Equal profiles are one string, so that comparing them is cheap. */
  readonly #profiles = new Map<string, string>();
  #all: readonly Machine[] | null = null;

  static of(nodes: readonly Node[], allocations: readonly Allocation[]): Cluster {
    const cluster = new Cluster();
    for (const node of nodes) cluster.putNode(node);
    for (const allocation of allocations) cluster.change(null, allocation);
    return cluster;
  }

  all(): readonly Machine[] {
    this.#all ??= [...this.#machines.values()];
    return this.#all;
  }

  get(id: NodeId): Machine | undefined {
    return this.#machines.get(id);
  }

  /** A node that is new or has changed. What runs on it stays as it is known. */
  putNode(node: Node): void {
    const known = this.#machines.get(node.ID);
    const { usage, holders } = known ?? { usage: new Usage(), holders: new Map() };
    const profile = profileOf(node);
    const shared = this.#profiles.get(profile) ?? profile;
    this.#profiles.set(shared, shared);
    this.#machines.set(node.ID, { node, profile: shared, capacity: capacityOf(node), usage, holders });
    this.#all = null;
  }

  removeNode(id: NodeId): void {
    this.#machines.delete(id);
    this.#all = null;
  }

  /** An allocation before and after a change; null where it is not there. */
  change(before: Allocation | null, after: Allocation | null): void {
    if (before !== null && after !== null && holdsResources(before) && holdsResources(after)) return;
    if (before !== null) {
      const machine = this.#machines.get(before.NodeID);
      if (machine) leave(machine, before);
    }
    if (after !== null && holdsResources(after)) {
      const machine = this.#machines.get(after.NodeID);
      if (machine) enter(machine, after);
    }
  }
}

/** The room that is left once a plan is carried out, while it is being made. What is below stays as it is. */
export class Room implements Machines {
  readonly #below: Machines;
  readonly #changed = new Map<NodeId, Machine>();

  constructor(below: Machines) {
    this.#below = below;
  }

  all(): readonly Machine[] {
    const all = this.#below.all();
    return this.#changed.size === 0
      ? all
      : all.map((machine) => this.#changed.get(machine.node.ID) ?? machine);
  }

  get(id: NodeId): Machine | undefined {
    return this.#changed.get(id) ?? this.#below.get(id);
  }

  take(id: NodeId, holder: Holder): void {
    const machine = this.#own(id);
    if (machine) enter(machine, holder);
  }

  release(id: NodeId, holder: Pick<Holder, "ID">): void {
    if (!this.get(id)?.holders.has(holder.ID)) return;
    const machine = this.#own(id);
    if (machine) leave(machine, holder);
  }

  #own(id: NodeId): Machine | undefined {
    const known = this.#changed.get(id);
    if (known) return known;
    const below = this.#below.get(id);
    if (below === undefined) return undefined;
    const own = { ...below, usage: below.usage.copy(), holders: new Map(below.holders) };
    this.#changed.set(id, own);
    return own;
  }
}

function enter({ usage, holders }: Machine, holder: Holder): void {
  if (holders.has(holder.ID)) return;
  holders.set(holder.ID, holder);
  usage.add(holder.AllocatedResources);
}

function leave({ usage, holders }: Machine, { ID }: Pick<Holder, "ID">): void {
  const holder = holders.get(ID);
  if (holder === undefined) return;
  holders.delete(ID);
  usage.subtract(holder.AllocatedResources);
}
