import { type Allocation, isTerminal } from "#model/allocation.ts";
import type { AllocationId } from "#model/id.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { Job } from "#model/job/job.ts";
import type { Node } from "#model/node.ts";
import { rescheduleAt } from "./reschedule.ts";

/** What one group lacks, has too much of, or has in an old form. */
export interface GroupChanges {
  readonly stop: readonly {
    readonly allocation: Allocation;
    readonly reason: string;
    readonly lost: boolean;
  }[];
  readonly place: readonly Wanted[];
  /** Running an old form of the group: each is replaced by a new one of the same name. */
  readonly replace: readonly Allocation[];
  readonly keep: readonly AllocationId[];
  /** When a failed allocation may be replaced, if that is not yet. Milliseconds since 1970. */
  readonly again: number | null;
}

export interface Wanted {
  readonly name: string;
  readonly previous: Allocation | null;
  /** A system job names the node; others take the best one. */
  readonly node: Node | null;
}

export interface GroupSituation {
  readonly job: Job;
  readonly group: TaskGroup;
  readonly allocations: readonly Allocation[];
  /** Nodes that may run the job; for a system job each of them shall. */
  readonly candidates: readonly Node[];
  readonly isNodeGone: (allocation: Allocation) => boolean;
  /** Whether the allocation runs what the group says now. */
  readonly isCurrent: (allocation: Allocation) => boolean;
  readonly now: number;
}

export function stopAll(allocations: readonly Allocation[], reason: string): GroupChanges {
  const stop = allocations.filter(isLive).map((allocation) => ({ allocation, reason, lost: false }));
  return { stop, place: [], replace: [], keep: [], again: null };
}

/** Compares what a group should be with what there is of it. A pure function; it decides nothing about room. */
export function reconcile(situation: GroupSituation): GroupChanges {
  const { allocations, isNodeGone, isCurrent } = situation;
  const lost = allocations.filter((allocation) => isLive(allocation) && isNodeGone(allocation));
  const live = allocations.filter((allocation) => isLive(allocation) && !isNodeGone(allocation));
  const wanted = wantedSlots(situation);
  const holders = holdersOf(live, wanted, isCurrent);
  const surplus = live.filter((allocation) => !holders.has(allocation.ID));
  const vacant = wanted.filter((slot) => ![...holders.values()].some((holder) => slot.isHeldBy(holder)));
  const fills = vacant.map((slot) => fill(situation, slot, lost));
  const waiting = fills.flatMap((filled) => (filled.kind === "later" ? [filled.at] : []));
  return {
    stop: [
      ...lost.map((allocation) => ({
        allocation,
        reason: "alloc is lost since its node is down",
        lost: true,
      })),
      ...surplus.map((allocation) => ({
        allocation,
        reason: "alloc not needed due to job update",
        lost: false,
      })),
    ],
    place: fills.flatMap((filled) => (filled.kind === "now" ? [filled.wanted] : [])),
    replace: [...holders.values()].filter((allocation) => !isCurrent(allocation)),
    keep: [...holders.values()].filter(isCurrent).map((allocation) => allocation.ID),
    again: waiting.length === 0 ? null : Math.min(...waiting),
  };
}

interface Slot {
  readonly name: string;
  readonly node: Node | null;
  isHeldBy(allocation: Allocation): boolean;
}

function wantedSlots({ job, group, candidates }: GroupSituation): Slot[] {
  if (job.Type === "system" || job.Type === "sysbatch") {
    const name = `${job.Name}.${group.Name}[0]`;
    return group.Count === 0
      ? []
      : candidates.map((node) => ({ name, node, isHeldBy: (allocation) => allocation.NodeID === node.ID }));
  }
  return Array.from({ length: group.Count }, (_, index) => {
    const name = `${job.Name}.${group.Name}[${index}]`;
    return { name, node: null, isHeldBy: (allocation: Allocation) => allocation.Name === name };
  });
}

/** One allocation for each slot that has one, those of the current form and then the oldest first. */
function holdersOf(
  live: readonly Allocation[],
  slots: readonly Slot[],
  isCurrent: (allocation: Allocation) => boolean,
): Map<AllocationId, Allocation> {
  const preferred = [...live].sort(
    (a, b) => Number(isCurrent(b)) - Number(isCurrent(a)) || a.CreateTime - b.CreateTime,
  );
  const holders = new Map<AllocationId, Allocation>();
  for (const slot of slots) {
    const holder = preferred.find((allocation) => slot.isHeldBy(allocation) && !holders.has(allocation.ID));
    if (holder !== undefined) holders.set(holder.ID, holder);
  }
  return holders;
}

type Fill =
  | { readonly kind: "now"; readonly wanted: Wanted }
  | { readonly kind: "later"; readonly at: number }
  | { readonly kind: "never" };

/** A slot without a live allocation: new, ended for good, or to be filled again after a failure. */
function fill(
  { job, group, allocations, isCurrent, now }: GroupSituation,
  slot: Slot,
  lost: readonly Allocation[],
): Fill {
  const ofSlot = allocations.filter((allocation) => slot.isHeldBy(allocation));
  const previous = ofSlot.toSorted((a, b) => b.CreateTime - a.CreateTime)[0] ?? null;
  const now_ = { kind: "now" as const, wanted: { name: slot.name, previous, node: slot.node } };
  if (previous === null || lost.includes(previous)) return now_;
  const ends = job.Type === "batch" || job.Type === "sysbatch";
  if (ends && isCurrent(previous) && previous.ClientStatus === "complete") return { kind: "never" };
  if (previous.ClientStatus !== "failed" || previous.DesiredStatus !== "run" || !isCurrent(previous))
    return now_;
  const at = rescheduleAt(group.ReschedulePolicy, ofSlot);
  if (at === null) return { kind: "never" };
  return at <= now ? now_ : { kind: "later", at };
}

function isLive(allocation: Allocation): boolean {
  return allocation.DesiredStatus === "run" && !isTerminal(allocation.ClientStatus);
}
