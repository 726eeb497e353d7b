import type { Holder, Machine } from "./cluster.ts";
import { type Amounts, amountsOf, type Usage } from "./usage.ts";

/** A job takes only the places of those whose priority is at least so much lower. As in Nomad. */
const PRIORITY_GAP = 10;

export interface Preemption {
  readonly victims: readonly Holder[];
  /** The priorities of the victims added up; the least is best. */
  readonly cost: number;
}

export interface PreemptionNeed {
  readonly priority: number;
  readonly priorityOf: (holder: Holder) => number;
  /** Whether there is room on the node when so much is taken of it. */
  readonly fits: (usage: Usage) => boolean;
  readonly need: Amounts;
}

/**
 * The allocations of a node that would have to go for another of higher priority to have room: as few and as
 * unimportant ones as possible. Null when even all of them would not help.
 */
export function preempt(
  machine: Machine,
  { priority, priorityOf, fits, need }: PreemptionNeed,
): Preemption | null {
  const usage = machine.usage.copy();
  const weaker = [...machine.holders.values()]
    .map((holder) => ({ holder, priority: priorityOf(holder), distance: distance(holder, need) }))
    .filter((candidate) => candidate.priority + PRIORITY_GAP <= priority)
    .sort((a, b) => a.priority - b.priority || a.distance - b.distance);
  const victims: typeof weaker = [];
  for (const candidate of weaker) {
    if (fits(usage)) break;
    usage.subtract(candidate.holder.AllocatedResources);
    victims.push(candidate);
  }
  if (!fits(usage)) return null;
  // Those that were taken early may not be needed beside the later ones: the most important is spared first.
  const needed = victims.toReversed().filter(({ holder }) => {
    usage.add(holder.AllocatedResources);
    if (fits(usage)) return false;
    usage.subtract(holder.AllocatedResources);
    return true;
  });
  return {
    victims: needed.map(({ holder }) => holder),
    cost: needed.reduce((sum, { priority: own }) => sum + own, 0),
  };
}

/** How unlike an allocation is to what is needed: one of about the same size frees what is needed and no more. */
function distance({ AllocatedResources }: Holder, need: Amounts): number {
  const has = amountsOf(AllocatedResources);
  const part = (dimension: keyof Amounts) =>
    need[dimension] === 0 ? 0 : ((need[dimension] - has[dimension]) / need[dimension]) ** 2;
  return part("cpu") + part("cores") + part("memory") + part("disk");
}
