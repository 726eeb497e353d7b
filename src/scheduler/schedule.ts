import type { Allocation } from "#model/allocation.ts";
import type { AllocationMetric } from "#model/evaluation.ts";
import type { AllocationId, NodeId } from "#model/id.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { Job } from "#model/job/job.ts";
import type { Node } from "#model/node.ts";
import { fit, holdsResources, type Usage, usageOf } from "./capacity.ts";
import { planDeployment, replaceableNow } from "./deployment.ts";
import { isCandidate, obstacle } from "./feasibility.ts";
import type { DesiredUpdates, GroupDecision, Placement, Plan, Situation } from "./plan.ts";
import { type GroupChanges, reconcile, stopAll, type Wanted } from "./reconcile.ts";

/** What must change so that what runs is what the job says. A pure function of the situation. */
export function schedule(situation: Situation): Plan {
  const { job } = situation;
  const room = new Room(situation);
  const groups = groupsOf(situation).map(([name, changes]) => decide(situation, room, name, changes));
  const waits = groups.flatMap((group) => (group.again === null ? [] : [group.again]));
  return {
    place: groups.flatMap((group) => group.place),
    stop: groups.flatMap((group) => group.stop),
    keep: groups.flatMap((group) => group.keep),
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

/** The groups of the job, and those that are no longer in it but still have allocations. */
function groupsOf({ job, allocations, nodes, isCurrent, now }: Situation): [string, GroupChanges][] {
  const candidates = nodes.filter((node) => isCandidate(node, job));
  const down = new Set(nodes.filter((node) => node.Status === "down").map((node) => node.ID));
  const known = new Set(nodes.map((node) => node.ID));
  const isNodeGone = ({ NodeID }: Allocation) => down.has(NodeID) || !known.has(NodeID);
  const present = new Set(job.TaskGroups.map((group) => group.Name));
  const ofGroup = (name: string) => allocations.filter((allocation) => allocation.TaskGroup === name);
  const gone = [...new Set(allocations.map((allocation) => allocation.TaskGroup))].filter(
    (name) => !present.has(name),
  );
  return [
    ...gone.map((name): [string, GroupChanges] => [
      name,
      stopAll(ofGroup(name), "alloc not needed due to job update"),
    ]),
    ...job.TaskGroups.map((group): [string, GroupChanges] => {
      const own = ofGroup(group.Name);
      const eligible = job.Type.startsWith("sys")
        ? candidates.filter((node) => obstacle(node, job, group) === null)
        : candidates;
      return [
        group.Name,
        job.Stop
          ? stopAll(own, "alloc not needed as job is stopped")
          : reconcile({ job, group, allocations: own, candidates: eligible, isNodeGone, isCurrent, now }),
      ];
    }),
  ];
}

function decide(situation: Situation, room: Room, name: string, changes: GroupChanges): GroupDecision {
  const group = situation.job.TaskGroups.find((candidate) => candidate.Name === name);
  const stops = changes.stop.map(({ allocation, reason, lost }) => ({ id: allocation.ID, reason, lost }));
  for (const { allocation } of changes.stop) room.release(allocation);
  const updates = updatesOf(situation, changes);
  if (group === undefined)
    return { name, place: [], stop: stops, keep: changes.keep, failed: null, again: null, updates };
  const replace = replaceableNow(situation, group, changes);
  const outcome = placeAll(situation, room, group, [
    ...changes.place,
    ...replace.map((allocation) => ({
      name: allocation.Name,
      previous: allocation,
      node: null,
      replaces: allocation,
    })),
  ]);
  const replaced = outcome.replaced.map(({ ID }) => ({
    id: ID,
    reason: "alloc is being updated due to job update",
    lost: false,
  }));
  return {
    name,
    place: outcome.place,
    stop: [...stops, ...replaced],
    keep: changes.keep,
    failed: outcome.failed,
    again: changes.again,
    updates,
  };
}

function updatesOf({ job, allocations }: Situation, changes: GroupChanges): DesiredUpdates {
  const old = new Set(allocations.filter(({ JobVersion }) => JobVersion !== job.Version).map(({ ID }) => ID));
  const inPlace = changes.keep.filter((id) => old.has(id)).length;
  return {
    Ignore: changes.keep.length - inPlace,
    Place: changes.place.length,
    Migrate: 0,
    Stop: changes.stop.length,
    InPlaceUpdate: inPlace,
    DestructiveUpdate: changes.replace.length,
    Canary: 0,
    Preemptions: 0,
  };
}

type ToPlace = Wanted & { readonly replaces?: Allocation };

interface Outcome {
  readonly place: Placement[];
  readonly replaced: Allocation[];
  readonly failed: AllocationMetric | null;
}

/** An old allocation is stopped only when there is a place for the new one. */
function placeAll(situation: Situation, room: Room, group: TaskGroup, wanted: readonly ToPlace[]): Outcome {
  const place: Placement[] = [];
  const replaced: Allocation[] = [];
  let failed: AllocationMetric | null = null;
  for (const slot of wanted) {
    if (slot.replaces) room.release(slot.replaces);
    const found = room.find(group, slot);
    if (found.kind === "none") {
      if (slot.replaces) room.take(slot.replaces.NodeID, slot.replaces.AllocatedResources);
      failed = alsoFailed(failed, found.metric);
      continue;
    }
    if (slot.replaces) replaced.push(slot.replaces);
    room.take(found.node.ID, found.resources);
    place.push({
      id: situation.newId() as AllocationId,
      name: slot.name,
      group: group.Name,
      node: found.node,
      resources: found.resources,
      previous: slot.previous?.ID ?? null,
    });
  }
  return { place, replaced, failed };
}

/** Instances of one group fail for the same reasons: the first one's are kept, the others counted. */
function alsoFailed(first: AllocationMetric | null, metric: AllocationMetric): AllocationMetric {
  return first === null ? metric : { ...first, CoalescedFailures: first.CoalescedFailures + 1 };
}

type Found =
  | { readonly kind: "node"; readonly node: Node; readonly resources: Placement["resources"] }
  | { readonly kind: "none"; readonly metric: AllocationMetric };

/** The room on every node, as the decisions so far leave it. */
class Room {
  readonly #situation: Situation;
  readonly #job: Job;
  readonly #held = new Map<NodeId, Map<string, Placement["resources"]>>();
  readonly #usage = new Map<NodeId, Usage>();
  #taken = 0;

  constructor(situation: Situation) {
    this.#situation = situation;
    this.#job = situation.job;
  }

  release({ NodeID, ID }: Allocation): void {
    if (this.#heldOn(NodeID).delete(ID)) this.#usage.delete(NodeID);
  }

  take(node: NodeId, resources: Placement["resources"]): void {
    this.#taken += 1;
    this.#heldOn(node).set(`new ${this.#taken}`, resources);
    this.#usage.delete(node);
  }

  /** The node that a group fills best, or why there is none. */
  find(group: TaskGroup, { node: only }: Wanted): Found {
    const candidates = this.#situation.nodes.filter((node) => isCandidate(node, this.#job));
    const metric = new Metric(this.#situation.nodes, candidates);
    let best: { node: Node; resources: Placement["resources"]; score: number } | null = null;
    for (const node of only === null ? candidates : [only]) {
      const reason = obstacle(node, this.#job, group);
      if (reason !== null) {
        metric.filtered(reason);
        continue;
      }
      const result = fit(node, this.#used(node.ID), group, this.#situation.random);
      if (!result.fits) metric.exhausted(result.dimension);
      else if (best === null || result.score > best.score) best = { node, ...result };
    }
    if (best === null) return { kind: "none", metric: metric.result() };
    return { kind: "node", node: best.node, resources: best.resources };
  }

  #used(node: NodeId): Usage {
    const known = this.#usage.get(node) ?? usageOf([...this.#heldOn(node).values()]);
    this.#usage.set(node, known);
    return known;
  }

  #heldOn(node: NodeId): Map<string, Placement["resources"]> {
    const known = this.#held.get(node);
    if (known) return known;
    const holding = this.#situation.allocationsOn(node).filter(holdsResources);
    const held = new Map(
      holding.map((allocation) => [allocation.ID as string, allocation.AllocatedResources]),
    );
    this.#held.set(node, held);
    return held;
  }
}

/** Counts why nodes were left out. */
class Metric {
  readonly #available: Record<string, number> = {};
  readonly #constraints: Record<string, number> = {};
  readonly #dimensions: Record<string, number> = {};
  readonly #evaluated: number;
  #filtered = 0;
  #exhausted = 0;

  constructor(nodes: readonly Node[], candidates: readonly Node[]) {
    this.#evaluated = candidates.length;
    for (const node of nodes) {
      if (node.Status === "ready")
        this.#available[node.Datacenter] = (this.#available[node.Datacenter] ?? 0) + 1;
    }
  }

  filtered(reason: string): void {
    this.#filtered += 1;
    this.#constraints[reason] = (this.#constraints[reason] ?? 0) + 1;
  }

  exhausted(dimension: string): void {
    this.#exhausted += 1;
    this.#dimensions[dimension] = (this.#dimensions[dimension] ?? 0) + 1;
  }

  result(): AllocationMetric {
    return {
      NodesEvaluated: this.#evaluated,
      NodesFiltered: this.#filtered,
      NodesAvailable: this.#available,
      ConstraintFiltered: this.#constraints,
      NodesExhausted: this.#exhausted,
      DimensionExhausted: this.#dimensions,
      CoalescedFailures: 0,
    };
  }
}
