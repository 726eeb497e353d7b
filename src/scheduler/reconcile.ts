import type { Allocation } from "#model/allocation.ts";
import type { DeploymentState } from "#model/deployment.ts";
import type { AllocationId, NodeId } from "#model/id.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { Job } from "#model/job/job.ts";
import type { Node } from "#model/node.ts";
import { isWatched } from "./deployment.ts";
import { fateOf, isLive } from "./fate.ts";
import type { Slot } from "./placer.ts";
import type { Change } from "./plan.ts";
import { preferred } from "./preference.ts";
import { rescheduleAt, reschedulePolicyOf } from "./reschedule.ts";

/** An old allocation, and what shall take its place. It ends when, and only when, that has found one. */
export interface Replacement {
  readonly slot: Slot;
  readonly replaces: Allocation;
  readonly reason: string;
}

export interface Ending {
  readonly allocation: Allocation;
  readonly reason: string;
  readonly lost: boolean;
}

/** What one group lacks, has too much of, or has in an old form. */
export interface GroupChanges {
  readonly stop: readonly Ending[];
  readonly place: readonly Slot[];
  readonly migrate: readonly Replacement[];
  /** Running an old form of the group. How many of them may be replaced now is the deployment's matter. */
  readonly destructive: readonly Replacement[];
  readonly inPlace: readonly Allocation[];
  readonly keep: readonly Allocation[];
  readonly canaries: readonly Slot[];
  /** Whether new instances wait until canaries are promoted. */
  readonly awaitsPromotion: boolean;
  readonly unknown: readonly Allocation[];
  /** When to look again: a failed allocation may be replaced then, or a lost one is given up. Milliseconds. */
  readonly again: number | null;
}

export interface GroupSituation {
  readonly job: Job;
  readonly group: TaskGroup;
  readonly allocations: readonly Allocation[];
  /** The nodes that shall run a system job. */
  readonly systemNodes: readonly NodeId[];
  readonly nodeOf: (id: NodeId) => Node | undefined;
  readonly changeOf: (allocation: Allocation) => Change;
  readonly version: (version: number) => Job | undefined;
  /** The state of the group in the deployment of this version of the job, while it goes on. */
  readonly deploying: DeploymentState | null;
  /** Whether the deployment of this version has failed or rests, so that nothing new begins. */
  readonly isHeld: boolean;
  readonly now: number;
}

export const NOTHING: GroupChanges = {
  ...{ stop: [], place: [], migrate: [], destructive: [], inPlace: [], keep: [], canaries: [], unknown: [] },
  ...{ awaitsPromotion: false, again: null },
};

const NOT_NEEDED = "alloc not needed due to job update";
const UPDATED = "alloc is being updated due to job update";
const MIGRATED = "alloc is being migrated";
const UNHEALTHY = "alloc was rescheduled because it is unhealthy";
const LOST = "alloc is lost since its node is down";

export function stopAll(allocations: readonly Allocation[], reason: string): GroupChanges {
  const stop = allocations.filter(isLive).map((allocation) => ({ allocation, reason, lost: false }));
  return { ...NOTHING, stop };
}

/** Compares what a group should be with what there is of it. A pure function; it decides nothing about room. */
export function reconcile(situation: GroupSituation): GroupChanges {
  const { group, allocations, changeOf, deploying } = situation;
  const fates = Map.groupBy(allocations.filter(isLive), (each) => fateOf(each, situation).kind);
  const of = (kind: Parameters<typeof fates.get>[0]) => fates.get(kind) ?? [];
  const canaries = canariesAmong([...of("running"), ...of("migrating")], deploying);
  const strays = of("running").filter((each) => each.DeploymentStatus?.Canary && !canaries.has(each.ID));
  const isOut = ({ ID }: Allocation) => canaries.has(ID) || strays.some((stray) => stray.ID === ID);
  const holding = [...of("running"), ...of("migrating"), ...of("awaited")].filter((each) => !isOut(each));
  const slots = slotsOf(situation);
  const holders = holdersOf(holding, slots, group, changeOf);
  const resting = holding.filter((each) => !holders.has(each.ID) && isResting(situation, each));
  const surplus = holding.filter((each) => !holders.has(each.ID) && !resting.includes(each));
  const staying = [...holders.values()].filter((each) => !of("migrating").includes(each));
  const old = staying.filter((each) => changeOf(each) === "destructive");
  const trial = tryCanaries(situation, old, canaries);
  const vacancies = vacanciesOf(situation, slots, holders, canaries, trial.isOn);
  const waits = [...vacancies, ...trial.fills].flatMap((fill) => (fill.kind === "later" ? [fill.at] : []));
  const deadlines = [...of("disconnected"), ...of("awaited")].flatMap((each) => {
    const fate = fateOf(each, situation);
    return "until" in fate ? [fate.until] : [];
  });
  const times = [...waits, ...deadlines];
  return {
    stop: [...ended(of("lost"), LOST, true), ...ended([...strays, ...surplus], NOT_NEEDED, false)],
    place: placeable(vacancies),
    migrate: of("migrating")
      .filter((each) => holders.has(each.ID) || canaries.has(each.ID))
      .map((each) => replacement(situation, each, whyMoved(each), trial.isOn, canaries.has(each.ID))),
    destructive: old.map((each) => replacement(situation, each, UPDATED, false, false)),
    inPlace: staying.filter((each) => changeOf(each) === "in place"),
    keep: [...staying.filter((each) => changeOf(each) === "none"), ...resting, ...canaries.values()],
    canaries: placeable(trial.fills),
    awaitsPromotion: trial.isOn,
    unknown: [...of("disconnected"), ...of("awaited")].filter(
      ({ ClientStatus }) => ClientStatus !== "unknown",
    ),
    again: times.length === 0 ? null : Math.min(...times),
  };
}

function whyMoved({ DesiredTransition }: Allocation): string {
  return DesiredTransition.Migrate ? MIGRATED : UNHEALTHY;
}

function ended(allocations: readonly Allocation[], reason: string, lost: boolean): Ending[] {
  return allocations.map((allocation) => ({ allocation, reason, lost }));
}

function canariesAmong(
  live: readonly Allocation[],
  deploying: DeploymentState | null,
): ReadonlyMap<AllocationId, Allocation> {
  if (deploying === null || deploying.Promoted) return new Map();
  const placed = new Set(deploying.PlacedCanaries);
  return new Map(live.filter(({ ID }) => placed.has(ID)).map((each) => [each.ID, each]));
}

/** Allocations of a system job on a node that takes no new ones go on. */
function isResting({ job, nodeOf }: GroupSituation, { NodeID, DesiredTransition }: Allocation): boolean {
  const node = nodeOf(NodeID);
  return (
    isSystem(job) &&
    node !== undefined &&
    (node.SchedulingEligibility === "ineligible" || node.Drain) &&
    !DesiredTransition.Migrate
  );
}

export function isSystem({ Type }: Pick<Job, "Type">): boolean {
  return Type === "system" || Type === "sysbatch";
}

interface Place {
  readonly name: string;
  readonly node: NodeId | null;
  /** What an allocation that holds it is known by: the node in a system job, else the name. */
  readonly key: string;
}

function slotsOf({ job, group, systemNodes }: GroupSituation): Place[] {
  if (isSystem(job)) {
    const name = `${job.Name}.${group.Name}[0]`;
    return group.Count === 0 ? [] : systemNodes.map((node) => ({ name, node, key: node }));
  }
  return Array.from({ length: group.Count }, (_, index) => {
    const name = `${job.Name}.${group.Name}[${index}]`;
    return { name, node: null, key: name };
  });
}

function keyIn(slots: readonly Place[]): (allocation: Allocation) => string {
  return slots[0]?.node == null ? ({ Name }) => Name : ({ NodeID }) => NodeID;
}

/** One allocation for each slot that has one. */
function holdersOf(
  live: readonly Allocation[],
  slots: readonly Place[],
  group: TaskGroup,
  changeOf: (allocation: Allocation) => Change,
): Map<AllocationId, Allocation> {
  const byKey = Map.groupBy(live, keyIn(slots));
  const holders = new Map<AllocationId, Allocation>();
  for (const { key } of slots) {
    const holder = preferred(byKey.get(key) ?? [], group, changeOf);
    if (holder !== undefined) holders.set(holder.ID, holder);
  }
  return holders;
}

type Fill =
  | { readonly kind: "now"; readonly slot: Slot }
  | { readonly kind: "later"; readonly at: number }
  | { readonly kind: "never" };

function placeable(fills: readonly Fill[]): Slot[] {
  return fills.flatMap((fill) => (fill.kind === "now" ? [fill.slot] : []));
}

function vacanciesOf(
  situation: GroupSituation,
  slots: readonly Place[],
  holders: ReadonlyMap<AllocationId, Allocation>,
  canaries: ReadonlyMap<AllocationId, Allocation>,
  isTrial: boolean,
): Fill[] {
  const key = keyIn(slots);
  const held = new Set(holders.values().map(key));
  const placed = new Set(isTrial ? situation.deploying?.PlacedCanaries : []);
  const byKey = Map.groupBy(
    situation.allocations.filter(({ ID }) => !canaries.has(ID) && !placed.has(ID)),
    key,
  );
  return slots
    .filter((slot) => !held.has(slot.key))
    .map((slot) => fill(situation, slot, byKey.get(slot.key) ?? [], isTrial));
}

/** A slot without a live allocation: new, ended for good, or to be filled again after a failure. */
function fill(
  situation: GroupSituation,
  place: Place,
  ofSlot: readonly Allocation[],
  isTrial: boolean,
): Fill {
  const { job, group, changeOf, isHeld, now } = situation;
  const newest = newestOf(ofSlot);
  const slot = (previous: Allocation | null): Fill => ({
    kind: "now",
    slot: {
      name: place.name,
      node: place.node,
      job: isTrial && previous !== null ? versionOf(situation, previous) : job,
      previous,
      avoid: previous?.ClientStatus === "failed" && place.node === null ? previous.NodeID : null,
      isCanary: false,
    },
  });
  const fresh: Fill = isHeld || isTrial ? { kind: "never" } : slot(null);
  if (newest === null) return fresh;
  if (isLive(newest)) return slot(newest);
  const ends = job.Type === "batch" || job.Type === "sysbatch";
  const isSame = changeOf(newest) !== "destructive";
  if (ends && isSame && newest.ClientStatus === "complete" && newest.DesiredStatus === "run")
    return { kind: "never" };
  if (newest.ClientStatus === "lost" || newest.DesiredStatus === "evict") return slot(newest);
  if (newest.ClientStatus !== "failed" || newest.DesiredStatus !== "run" || (!isSame && !isTrial))
    return fresh;
  const at = rescheduleAt(reschedulePolicyOf(job, group), ofSlot);
  if (at === null) return { kind: "never" };
  return at <= now ? slot(newest) : { kind: "later", at };
}

function newestOf(allocations: readonly Allocation[]): Allocation | null {
  let newest: Allocation | null = null;
  for (const each of allocations) {
    const isNewer =
      newest === null ||
      each.CreateTime > newest.CreateTime ||
      (each.CreateTime === newest.CreateTime && newest.NextAllocation === each.ID);
    if (isNewer) newest = each;
  }
  return newest;
}

function versionOf({ job, version }: GroupSituation, { JobVersion, TaskGroup }: Allocation): Job {
  const old = version(JobVersion);
  return old?.TaskGroups.some(({ Name }) => Name === TaskGroup) ? old : job;
}

function replacement(
  situation: GroupSituation,
  replaces: Allocation,
  reason: string,
  isTrial: boolean,
  isCanary: boolean,
): Replacement {
  const { Name, NodeID, DesiredTransition } = replaces;
  const job = isTrial && !isCanary ? versionOf(situation, replaces) : situation.job;
  const node = isSystem(situation.job) ? NodeID : null;
  const avoid = DesiredTransition.Reschedule && node === null ? NodeID : null;
  return { replaces, reason, slot: { name: Name, job, previous: replaces, node, avoid, isCanary } };
}

/**
 * While canaries are tried the old allocations stay as they are. `isOn`: a trial goes on, or is to begin.
 * Canaries bear the names of those that they would replace.
 */
function tryCanaries(
  situation: GroupSituation,
  old: readonly Allocation[],
  canaries: ReadonlyMap<AllocationId, Allocation>,
): { readonly isOn: boolean; readonly fills: readonly Fill[] } {
  const { job, group, allocations, deploying, isHeld, now } = situation;
  const wanted = job.Type === "service" && isWatched(job, group) ? (group.Update?.Canary ?? 0) : 0;
  const isOn = deploying === null ? wanted > 0 && old.length > 0 && !isHeld : isUnpromoted(deploying);
  if (!isOn || isHeld) return { isOn: isOn && wanted > 0, fills: [] };
  const placed = new Set(deploying?.PlacedCanaries);
  const failed = allocations.filter(
    (each) => placed.has(each.ID) && each.ClientStatus === "failed" && each.NextAllocation === "",
  );
  const again = failed.map((each): Fill => {
    const ofName = allocations.filter(({ ID, Name }) => placed.has(ID) && Name === each.Name);
    const at = rescheduleAt(reschedulePolicyOf(job, group), ofName);
    if (at === null) return { kind: "never" };
    return at <= now ? canary(job, each.Name, each) : { kind: "later", at };
  });
  const lacking = wanted - canaries.size - failed.length;
  const taken = new Set([...canaries.values(), ...failed].map(({ Name }) => Name));
  const names = canaryNames(job, group, old).filter((name) => !taken.has(name));
  const first = names.slice(0, Math.max(0, lacking)).map((name) => canary(job, name, null));
  return { isOn, fills: [...again, ...first] };
}

function isUnpromoted({ DesiredCanaries, Promoted }: DeploymentState): boolean {
  return DesiredCanaries > 0 && !Promoted;
}

function canary(job: Job, name: string, previous: Allocation | null): Fill {
  const avoid = previous?.NodeID ?? null;
  return { kind: "now", slot: { name, job, previous, node: null, avoid, isCanary: true } };
}

function canaryNames(job: Job, group: TaskGroup, old: readonly Allocation[]): string[] {
  const most = group.Count + (group.Update?.Canary ?? 0);
  const all = Array.from({ length: most }, (_, index) => `${job.Name}.${group.Name}[${index}]`);
  return [...new Set([...old.map(({ Name }) => Name), ...all])];
}
