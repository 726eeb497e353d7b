import type {
  AllocatedPort,
  AllocatedResources,
  AllocatedTaskResources,
  Allocation,
} from "#model/allocation.ts";
import type { AllocationMetric } from "#model/evaluation.ts";
import type { AllocationId, NodeId } from "#model/id.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { Job } from "#model/job/job.ts";
import { type Candidate, Candidates } from "./candidates.ts";
import type { Holder, Machine, Room } from "./cluster.ts";
import { assignCores } from "./cores.ts";
import { Distinct } from "./distinct.ts";
import { Feasibility, isFor } from "./feasibility.ts";
import type { JobLoad } from "./job-load.ts";
import { explain, type Verdict } from "./metric.ts";
import type { Placement, Situation } from "./plan.ts";
import { assignPorts } from "./ports.ts";
import { type Preemption, preempt } from "./preemption.ts";
import { Score } from "./score.ts";
import { SpreadScore } from "./spread.ts";
import { type Amounts, DIMENSIONS, lackingDimension, needOf, needOn, type Usage } from "./usage.ts";

/** One instance of a group that wants a node. */
export interface Slot {
  readonly name: string;
  /** The version that it runs. */
  readonly job: Job;
  readonly previous: Allocation | null;
  /** A system job names the node; others take the best one. */
  readonly node: NodeId | null;
  /** It goes back to this node only if there is no other: it failed there. */
  readonly avoid: NodeId | null;
  readonly isCanary: boolean;
}

interface Place {
  readonly machine: Machine;
  readonly ports: readonly AllocatedPort[];
  readonly victims: readonly Holder[];
}

/**
 * Finds nodes for the instances of one group. What it places it takes from the room and adds to the load; of every
 * such change, its own and others', it is told by {@link Placer.note}.
 */
export class Placer {
  readonly #situation: Situation;
  readonly #group: TaskGroup;
  readonly #room: Room;
  readonly #load: JobLoad;
  readonly #need: Amounts;
  readonly #feasibility: Feasibility;
  readonly #distinct: Distinct;
  readonly #score: Score;
  readonly #spread: SpreadScore;
  #candidates: Candidates | null = null;
  /** Nodes that only a `distinct_…` constraint forbids, until others leave. */
  #forbidden: NodeId[] = [];

  /** `job`: the version of the job that `group` is of. */
  constructor(situation: Situation, job: Job, group: TaskGroup, room: Room, load: JobLoad) {
    this.#situation = situation;
    this.#group = group;
    this.#room = room;
    this.#load = load;
    this.#need = needOf(group);
    this.#feasibility = new Feasibility(job, group);
    this.#distinct = new Distinct(job, group, load, (id) => room.get(id)?.node);
    this.#score = new Score(job, group, situation.configuration);
    this.#spread = new SpreadScore([...group.Spreads, ...job.Spreads], group.Count);
    for (const id of load.nodes()) {
      const node = room.get(id)?.node;
      if (node) this.#spread.count(node, load.on(id, group.Name));
    }
  }

  /** Whether an allocation may go on where it is. */
  mayStay({ NodeID }: Allocation): boolean {
    const machine = this.#room.get(NodeID);
    return (
      machine !== undefined &&
      isFor(machine.node, this.#situation.job) &&
      this.#feasibility.obstacle(machine) === null &&
      !this.#distinct.isOver(machine.node)
    );
  }

  /** Null when there is no node; {@link failure} tells why. */
  place(slot: Slot): Placement | null {
    const place =
      slot.node !== null ? this.#on(slot.node) : (this.#sticky(slot) ?? this.#best(slot) ?? this.#byForce());
    return place === null ? null : this.#take(slot, place);
  }

  /** Room and load have changed on a node: an allocation of the group has come to it, or has left it. */
  note(id: NodeId, by: 1 | -1): void {
    const node = this.#room.get(id)?.node;
    if (node === undefined) return;
    this.#spread.count(node, by);
    if (by > 0) this.#distinct.add(node);
    else this.#distinct.remove(node);
    this.#offer(id);
    if (by < 0) for (const forbidden of this.#forbidden.splice(0)) this.#offer(forbidden);
  }

  failure({ node }: Slot): AllocationMetric {
    const only = node === null ? undefined : this.#room.get(node);
    const machines = only === undefined ? this.#room.all() : [only];
    return explain(this.#situation.job, machines, (machine) => this.#verdict(machine));
  }

  #offer(id: NodeId): void {
    const machine = this.#room.get(id);
    const candidate = this.#candidates && machine && this.#candidate(machine);
    if (candidate) this.#candidates?.put(candidate);
  }

  #candidate(machine: Machine): Candidate | null {
    if (!this.#feasibility.isCandidate(machine) || !this.#hasRoom(machine, machine.usage)) return null;
    if (this.#feasibility.obstacle(machine) !== null) return null;
    const { node } = machine;
    const collisions = this.#load.on(node.ID, this.#group.Name);
    return {
      id: node.ID,
      score: this.#score.of(machine, needOn(node, this.#need), collisions),
      bucket: this.#spread.bucketOf(node),
    };
  }

  #hasRoom({ node, capacity }: Machine, usage: Usage): boolean {
    return lackingDimension(capacity, usage, needOn(node, this.#need)) === null;
  }

  /** Where it was before, for the sake of its data. */
  #sticky({ previous, avoid }: Slot): Place | null {
    if (!this.#group.EphemeralDisk.Sticky || previous === null || avoid !== null) return null;
    return this.#on(previous.NodeID, { mayPreempt: false });
  }

  #on(id: NodeId, { mayPreempt } = { mayPreempt: true }): Place | null {
    const machine = this.#room.get(id);
    if (machine === undefined || this.#isExcluded(machine)) return null;
    return this.#fit(machine) ?? (mayPreempt ? this.#preempt(machine) : null);
  }

  #isExcluded(machine: Machine): boolean {
    return (
      !this.#feasibility.isCandidate(machine) ||
      this.#feasibility.obstacle(machine) !== null ||
      this.#distinct.obstacle(machine.node) !== null
    );
  }

  #fit(machine: Machine): Place | null {
    if (!this.#hasRoom(machine, machine.usage)) return null;
    const ports = this.#ports(machine, machine.usage);
    return typeof ports === "string" ? null : { machine, ports, victims: [] };
  }

  #ports({ node }: Machine, usage: Usage): readonly AllocatedPort[] | string {
    return assignPorts(node, usage, this.#group, this.#situation.random);
  }

  #best({ avoid }: Slot): Place | null {
    this.#candidates ??= new Candidates(this.#allCandidates(), this.#spread);
    let lastResort: NodeId | null = null;
    for (let id = this.#candidates.take(); id !== null; id = this.#candidates.take()) {
      const machine = this.#room.get(id);
      if (machine === undefined) continue;
      if (this.#distinct.obstacle(machine.node) !== null) this.#forbidden.push(id);
      else if (id === avoid && lastResort === null) lastResort = id;
      else {
        const place = this.#fit(machine);
        if (place === null) continue;
        if (lastResort !== null) this.#offer(lastResort);
        return place;
      }
    }
    return lastResort === null ? null : this.#on(lastResort, { mayPreempt: false });
  }

  #allCandidates(): Candidate[] {
    const candidates: Candidate[] = [];
    for (const machine of this.#room.all()) {
      const candidate = this.#candidate(machine);
      if (candidate !== null) candidates.push(candidate);
    }
    return candidates;
  }

  /** The node where the fewest and least important others have to give way. */
  #byForce(): Place | null {
    let best: (Place & Pick<Preemption, "cost">) | null = null;
    if (!this.#mayPreempt()) return null;
    for (const machine of this.#room.all()) {
      const place = this.#isExcluded(machine) ? null : this.#preempt(machine);
      if (place !== null && (best === null || place.cost < best.cost)) best = place;
    }
    return best;
  }

  #preempt(machine: Machine): (Place & Pick<Preemption, "cost">) | null {
    if (!this.#mayPreempt()) return null;
    const { job, priorityOf } = this.#situation;
    const found = preempt(machine, {
      priority: job.Priority,
      // A job does not take its own places.
      priorityOf: (holder) =>
        holder.JobID === job.ID && holder.Namespace === job.Namespace
          ? Number.POSITIVE_INFINITY
          : priorityOf(holder),
      need: needOn(machine.node, this.#need),
      fits: (usage) => this.#hasRoom(machine, usage) && typeof this.#ports(machine, usage) !== "string",
    });
    if (found === null) return null;
    const usage = machine.usage.copy();
    for (const { AllocatedResources } of found.victims) usage.subtract(AllocatedResources);
    const ports = this.#ports(machine, usage);
    return typeof ports === "string" ? null : { machine, ports, ...found };
  }

  #mayPreempt(): boolean {
    const { PreemptionConfig } = this.#situation.configuration;
    switch (this.#situation.job.Type) {
      case "system":
        return PreemptionConfig.SystemSchedulerEnabled;
      case "sysbatch":
        return PreemptionConfig.SysBatchSchedulerEnabled;
      case "batch":
        return PreemptionConfig.BatchSchedulerEnabled;
      case "service":
        return PreemptionConfig.ServiceSchedulerEnabled;
    }
  }

  #take(slot: Slot, { machine, ports, victims }: Place): Placement {
    const { job } = this.#situation;
    const id = this.#situation.newId() as AllocationId;
    const { MemoryOversubscriptionEnabled } = this.#situation.configuration;
    for (const victim of victims) this.#room.release(machine.node.ID, victim);
    const { node, usage } = this.#room.get(machine.node.ID) ?? machine;
    const cpu = assignCores(node, usage, this.#group);
    const resources = resourcesOf(this.#group, cpu, ports, MemoryOversubscriptionEnabled);
    this.#room.take(machine.node.ID, {
      ID: id,
      Namespace: job.Namespace,
      JobID: job.ID,
      AllocatedResources: resources,
    });
    this.#load.add(machine.node.ID, this.#group.Name);
    return {
      id,
      name: slot.name,
      group: this.#group.Name,
      job: slot.job,
      node: machine.node,
      resources,
      previous: slot.previous?.ID ?? null,
      isCanary: slot.isCanary,
      preempts: victims.map(({ ID }) => ID),
    };
  }

  #verdict(machine: Machine): Verdict {
    if (!this.#feasibility.isCandidate(machine)) return { kind: "not looked at" };
    const reason = this.#feasibility.obstacle(machine) ?? this.#distinct.obstacle(machine.node);
    if (reason !== null) return { kind: "filtered", reason };
    const dimension = lackingDimension(machine.capacity, machine.usage, needOn(machine.node, this.#need));
    if (dimension !== null) return { kind: "exhausted", dimension, detail: this.#lack(machine) };
    const ports = this.#ports(machine, machine.usage);
    return typeof ports === "string"
      ? { kind: "exhausted", dimension: ports, detail: ports }
      : { kind: "fits" };
  }

  #lack({ node, capacity, usage }: Machine): string {
    const units = { cpu: "MHz", cores: "cores", memory: "MB", disk: "MB" };
    const need = needOn(node, this.#need);
    return DIMENSIONS.filter((dimension) => usage[dimension] + need[dimension] > capacity[dimension])
      .map((dimension) => {
        const free = Math.max(0, capacity[dimension] - usage[dimension]);
        const unit = units[dimension];
        return `${dimension}: ${need[dimension]} ${unit} wanted, ${free} of ${capacity[dimension]} ${unit} free`;
      })
      .join("; ");
  }
}

function resourcesOf(
  group: TaskGroup,
  cpu: ReadonlyMap<string, AllocatedTaskResources["Cpu"]>,
  ports: readonly AllocatedPort[],
  mayExceed: boolean,
): AllocatedResources {
  const tasks = group.Tasks.map(({ Name, Resources: { CPU, MemoryMB, MemoryMaxMB } }) => [
    Name,
    {
      Cpu: cpu.get(Name) ?? { CpuShares: CPU, ReservedCores: null },
      Memory: { MemoryMB, MemoryMaxMB: mayExceed ? (MemoryMaxMB ?? 0) : 0 },
    },
  ]);
  return {
    Tasks: Object.fromEntries(tasks),
    Shared: { DiskMB: group.EphemeralDisk.SizeMB, Networks: group.Networks, Ports: ports },
  };
}
