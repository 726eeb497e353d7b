import { type Allocation, isTerminal } from "#model/allocation.ts";
import type { NodeId } from "#model/id.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { Node } from "#model/node.ts";
import { millisecond } from "#model/schema/duration.ts";

/** What becomes of a live allocation by what is known of its node. */
export type Fate =
  | { readonly kind: "running" }
  /** It shall be elsewhere: its node is emptied, or it does not become healthy there. */
  | { readonly kind: "migrating" }
  /** The node is not heard of, and may come back until then; meanwhile another takes its place. Milliseconds. */
  | { readonly kind: "disconnected"; readonly until: number }
  /** The same, but nothing takes its place. */
  | { readonly kind: "awaited"; readonly until: number }
  | { readonly kind: "lost" };

export interface FateSituation {
  readonly group: TaskGroup;
  readonly nodeOf: (id: NodeId) => Node | undefined;
  readonly now: number;
}

export function fateOf(allocation: Allocation, { group, nodeOf, now }: FateSituation): Fate {
  const node = nodeOf(allocation.NodeID);
  if (node?.Status === "ready" || node?.Status === "initializing") {
    const { Migrate, Reschedule } = allocation.DesiredTransition;
    return { kind: Migrate || Reschedule ? "migrating" : "running" };
  }
  const lostAfter = group.Disconnect?.LostAfter ?? 0;
  if (node === undefined || lostAfter === 0) return { kind: "lost" };
  const until = node.StatusUpdatedAt * 1000 + lostAfter / millisecond;
  if (now >= until) return { kind: "lost" };
  return { kind: group.Disconnect?.Replace === false ? "awaited" : "disconnected", until };
}

/** Whether an allocation shall run and has not ended. */
export function isLive({ DesiredStatus, ClientStatus }: Allocation): boolean {
  return DesiredStatus === "run" && !isTerminal(ClientStatus);
}
