import type { Allocation } from "#model/allocation.ts";
import type { AllocationMetric } from "#model/evaluation.ts";
import type { AllocationId, NodeId } from "#model/id.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { Job } from "#model/job/job.ts";
import { Room } from "./cluster.ts";
import {
  currentDeployment,
  type GroupOutcome,
  isUnderWay,
  planDeployment,
  replaceableNow,
} from "./deployment.ts";
import { fateOf, isLive } from "./fate.ts";
import { Feasibility } from "./feasibility.ts";
import { JobLoad } from "./job-load.ts";
import { alsoFailed } from "./metric.ts";
import { Placer, type Slot } from "./placer.ts";
import type { DesiredUpdates, Placement, Plan, Situation, Stop } from "./plan.ts";
import { type GroupChanges, isSystem, type Replacement, reconcile, stopAll } from "./reconcile.ts";

/** The part of a plan that concerns one task group. */
interface GroupDecision extends GroupOutcome {
  readonly stop: readonly Stop[];
  readonly unknown: readonly AllocationId[];
  readonly failed: AllocationMetric | null;
  readonly updates: DesiredUpdates;
  readonly again: number | null;
}

/** What must change so that what runs is what the job says. A pure function of the situation. */
export function schedule(situation: Situation): Plan {
  const { job } = situation;
  const changes = changesByGroup(situation);
  const { room, load } = roomFor(situation, [...changes.values()]);
  const groups = [...changes].map(([name, change]) => decide(situation, room, load, name, change));
  const waits = groups.flatMap((group) => (group.again === null ? [] : [group.again]));
  return {
    place: groups.flatMap((group) => group.place),
    stop: groups.flatMap((group) => group.stop),
    inPlace: groups.flatMap((group) => group.inPlace),
    unknown: groups.flatMap((group) => group.unknown),
    deployment: job.Stop ? null : planDeployment(situation, groups),
    failed: Object.fromEntries(
      groups.flatMap(({ name, failed }) => (failed === null ? [] : [[name, failed]])),
    ),
    updates: Object.fromEntries(groups.map(({ name, updates }) => [name, updates])),
    queued: Object.fromEntries(
      groups.map(({ name, failed }) => [name, failed === null ? 0 : failed.CoalescedFailures + 1]),
    ),
    again: waits.length === 0 ? null : Math.min(...waits),
  };
}

/** The groups of the job, after those that are no longer in it but still have allocations. */
function changesByGroup(situation: Situation): Map<string, GroupChanges> {
  const { job, allocations } = situation;
  const byGroup = Map.groupBy(allocations, ({ TaskGroup }) => TaskGroup);
  const present = new Set(job.TaskGroups.map((group) => group.Name));
  const changes = new Map<string, GroupChanges>();
  for (const [name, own] of byGroup) {
    if (!present.has(name)) changes.set(name, stopAll(own, "alloc not needed due to job update"));
  }
  for (const group of job.TaskGroups) {
    const own = byGroup.get(group.Name) ?? [];
    const change = job.Stop
      ? stopAll(own, "alloc not needed as job is stopped")
      : reconcileGroup(situation, group, own);
    changes.set(group.Name, change);
  }
  return changes;
}

function reconcileGroup(
  situation: Situation,
  group: TaskGroup,
  allocations: readonly Allocation[],
): GroupChanges {
  const { job, machines, version, now } = situation;
  const deployment = currentDeployment(situation);
  return reconcile({
    ...{ job, group, allocations, version, now },
    systemNodes: isSystem(job) ? systemNodes(situation, group) : [],
    nodeOf: (id) => machines.get(id)?.node,
    changeOf: situation.changeOf,
    deploying: isUnderWay(deployment) ? (deployment.TaskGroups[group.Name] ?? null) : null,
    isHeld: deployment?.Status === "paused" || deployment?.Status === "failed",
  });
}

function systemNodes({ job, machines }: Situation, group: TaskGroup): NodeId[] {
  const feasibility = new Feasibility(job, group);
  return machines
    .all()
    .filter((machine) => feasibility.isCandidate(machine) && feasibility.obstacle(machine) === null)
    .map(({ node }) => node.ID);
}

/** The room and the job's load once all that ends has ended. */
function roomFor(
  { allocations, machines }: Situation,
  changes: readonly GroupChanges[],
): { readonly room: Room; readonly load: JobLoad } {
  const room = new Room(machines);
  const load = new JobLoad();
  const ending = new Set(changes.flatMap(({ stop }) => stop.map(({ allocation }) => allocation.ID)));
  for (const allocation of allocations) {
    if (ending.has(allocation.ID)) room.release(allocation.NodeID, allocation);
    else if (isLive(allocation)) load.add(allocation.NodeID, allocation.TaskGroup);
  }
  return { room, load };
}

function decide(
  situation: Situation,
  room: Room,
  load: JobLoad,
  name: string,
  changes: GroupChanges,
): GroupDecision {
  const group = situation.job.TaskGroups.find((candidate) => candidate.Name === name);
  const stop = changes.stop.map(({ allocation, reason, lost }) => ({ id: allocation.ID, reason, lost }));
  const nothing = { name, place: [], inPlace: [], unknown: [], failed: null, again: null, wanted: 0 };
  if (group === undefined || situation.job.Stop) {
    const updates = { ...NO_UPDATES, Stop: stop.length };
    return { ...nothing, stop, updates, wantsCanaries: false, isUpdated: false };
  }
  const placing = new GroupPlacing(situation, group, room, load);
  const { stays, moves } = placing.sort(changes);
  const limit = changes.awaitsPromotion ? 0 : replaceableNow(situation, group);
  const destructive = [...moves, ...changes.destructive].slice(0, limit);
  placing.replaceAll(changes.migrate);
  placing.placeAll([...changes.place, ...changes.canaries]);
  placing.replaceAll(destructive);
  const isUpdated =
    [...changes.destructive, ...moves, ...stays, ...changes.canaries].length > 0 ||
    changes.place.some(({ previous }) => previous === null);
  return {
    name,
    place: placing.place,
    stop: [...stop, ...placing.stop],
    inPlace: stays.map(({ ID }) => ID),
    unknown: changes.unknown.map(({ ID }) => ID),
    failed: placing.failed,
    again: changes.again,
    wanted: isSystem(situation.job) ? systemNodes(situation, group).length : group.Count,
    wantsCanaries: changes.awaitsPromotion,
    isUpdated,
    updates: {
      Ignore: changes.keep.length + changes.destructive.length + moves.length - destructive.length,
      Place: changes.place.length,
      Migrate: changes.migrate.length,
      Stop: stop.length,
      InPlaceUpdate: stays.length,
      DestructiveUpdate: destructive.length,
      Canary: changes.canaries.length,
      Preemptions: placing.place.reduce((sum, { preempts }) => sum + preempts.length, 0),
    },
  };
}

const NO_UPDATES: DesiredUpdates = {
  ...{ Ignore: 0, Place: 0, Migrate: 0, Stop: 0 },
  ...{ InPlaceUpdate: 0, DestructiveUpdate: 0, Canary: 0, Preemptions: 0 },
};

/** Carries out the changes of one group in the room that there is. */
class GroupPlacing {
  readonly place: Placement[] = [];
  readonly stop: Stop[] = [];
  failed: AllocationMetric | null = null;
  readonly #situation: Situation;
  readonly #room: Room;
  readonly #load: JobLoad;
  readonly #group: TaskGroup;
  readonly #placers = new Map<number, Placer>();
  #isFull = false;

  constructor(situation: Situation, group: TaskGroup, room: Room, load: JobLoad) {
    this.#situation = situation;
    this.#group = group;
    this.#room = room;
    this.#load = load;
  }

  /** Those that can go on where they are, and those that must move because their node no longer suits. */
  sort({ inPlace }: GroupChanges): { stays: readonly Allocation[]; moves: readonly Replacement[] } {
    const { job } = this.#situation;
    const leaving: Allocation[] = [];
    for (const each of inPlace) {
      if (this.#isAway(each) || this.#placerFor(job).mayStay(each)) continue;
      leaving.push(each);
      // Where one leaves, another may stay.
      this.#count(each, -1);
    }
    for (const each of leaving) this.#count(each, 1);
    const node = (allocation: Allocation) => (isSystem(job) ? allocation.NodeID : null);
    return {
      stays: inPlace.filter((each) => !leaving.includes(each)),
      moves: leaving.map((each) => ({
        replaces: each,
        reason: "alloc is being updated due to job update",
        slot: { name: each.Name, job, previous: each, node: node(each), avoid: null, isCanary: false },
      })),
    };
  }

  #isAway(allocation: Allocation): boolean {
    const nodeOf = (id: NodeId) => this.#situation.machines.get(id)?.node;
    const { now } = this.#situation;
    return fateOf(allocation, { group: this.#group, nodeOf, now }).kind === "awaited";
  }

  placeAll(slots: readonly Slot[]): void {
    for (const slot of slots) {
      const found = this.#try(slot);
      if (found && slot.previous?.ClientStatus === "failed") {
        this.stop.push({ id: slot.previous.ID, reason: RESCHEDULED, lost: false });
      }
    }
  }

  /** An old allocation is stopped only when there is a place for the new one. */
  replaceAll(replacements: readonly Replacement[]): void {
    for (const { slot, replaces, reason } of replacements) {
      this.#room.release(replaces.NodeID, replaces);
      this.#count(replaces, -1);
      this.#isFull = false;
      if (this.#try(slot)) {
        this.stop.push({ id: replaces.ID, reason, lost: false });
        continue;
      }
      this.#room.take(replaces.NodeID, replaces);
      this.#count(replaces, 1);
    }
  }

  #try(slot: Slot): boolean {
    const placer = this.#placerFor(slot.job);
    // Where one found no place, others like it find none either.
    const found = this.#isFull && slot.node === null ? null : placer.place(slot);
    if (found !== null) {
      this.#note(found.node.ID, 1);
      this.place.push(found);
      return true;
    }
    const isKnown = this.#isFull && this.failed !== null && slot.node === null;
    this.#isFull = slot.node === null;
    const metric = isKnown ? null : placer.failure(slot);
    this.failed = alsoFailed(this.failed, slot.node === null ? null : metric) ?? metric;
    return false;
  }

  #count({ NodeID }: Allocation, by: 1 | -1): void {
    if (by > 0) this.#load.add(NodeID, this.#group.Name);
    else this.#load.remove(NodeID, this.#group.Name);
    this.#note(NodeID, by);
  }

  #note(node: NodeId, by: 1 | -1): void {
    for (const placer of this.#placers.values()) placer.note(node, by);
  }

  /** Old versions of the job are placed as well, while canaries of the newest are tried. */
  #placerFor(job: Job): Placer {
    const known = this.#placers.get(job.Version);
    if (known) return known;
    const group = job.TaskGroups.find(({ Name }) => Name === this.#group.Name) ?? this.#group;
    const placer = new Placer(this.#situation, job, group, this.#room, this.#load);
    this.#placers.set(job.Version, placer);
    return placer;
  }
}

const RESCHEDULED = "alloc was rescheduled because it failed";
