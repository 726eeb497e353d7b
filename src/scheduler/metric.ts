import type { AllocationMetric, Obstacle } from "#model/evaluation.ts";
import type { Job } from "#model/job/job.ts";
import type { Node } from "#model/node.ts";
import type { Machine } from "./cluster.ts";
import { isFor, isInPool } from "./feasibility.ts";

/** So many nodes are named with what stands in the way. */
const NAMED = 20;

export type Verdict =
  | { readonly kind: "not looked at" }
  | { readonly kind: "filtered"; readonly reason: string }
  | { readonly kind: "exhausted"; readonly dimension: string; readonly detail: string }
  | { readonly kind: "fits" };

/** Counts, over all nodes, why a group cannot be placed. */
export function explain(
  job: Job,
  machines: readonly Machine[],
  verdictOn: (machine: Machine) => Verdict,
): AllocationMetric {
  const verdicts = machines.map((machine) => ({ node: machine.node, verdict: verdictOn(machine) }));
  const filtered = verdicts.flatMap(({ node, verdict }) =>
    verdict.kind === "filtered" ? [{ node, reason: verdict.reason }] : [],
  );
  const exhausted = verdicts.flatMap(({ node, verdict }) =>
    verdict.kind === "exhausted" ? [{ node, reason: verdict.dimension }] : [],
  );
  const inPool = verdicts.filter(({ node }) => isInPool(node, job));
  return {
    NodesEvaluated: verdicts.filter(({ verdict }) => verdict.kind !== "not looked at").length,
    NodesFiltered: filtered.length,
    NodesInPool: inPool.length,
    NodesAvailable: counted(
      inPool.filter(({ node }) => node.Status === "ready").map(({ node }) => node.Datacenter),
    ),
    ClassFiltered: counted(filtered.map(({ node }) => node.NodeClass)),
    ConstraintFiltered: counted(filtered.map(({ reason }) => reason)),
    NodesExhausted: exhausted.length,
    ClassExhausted: counted(exhausted.map(({ node }) => node.NodeClass)),
    DimensionExhausted: counted(exhausted.map(({ reason }) => reason)),
    CoalescedFailures: 0,
    Obstacles: verdicts.flatMap(({ node, verdict }) => obstacle(job, node, verdict)).slice(0, NAMED),
  };
}

/**
 * One more instance of a group that failed. Most fail for the same reasons, which are then only counted;
 * `other`: what was found where they were to be placed on different nodes.
 */
export function alsoFailed(
  first: AllocationMetric | null,
  other: AllocationMetric | null,
): AllocationMetric | null {
  if (first === null) return null;
  const coalesced = { ...first, CoalescedFailures: first.CoalescedFailures + 1 };
  return other === null ? coalesced : { ...coalesced, ...together(first, other) };
}

function together(a: AllocationMetric, b: AllocationMetric): Partial<AllocationMetric> {
  return {
    NodesEvaluated: a.NodesEvaluated + b.NodesEvaluated,
    NodesFiltered: a.NodesFiltered + b.NodesFiltered,
    NodesExhausted: a.NodesExhausted + b.NodesExhausted,
    ConstraintFiltered: sum(a.ConstraintFiltered, b.ConstraintFiltered),
    DimensionExhausted: sum(a.DimensionExhausted, b.DimensionExhausted),
    ClassFiltered: sum(a.ClassFiltered, b.ClassFiltered),
    ClassExhausted: sum(a.ClassExhausted, b.ClassExhausted),
    Obstacles: [...a.Obstacles, ...b.Obstacles].slice(0, NAMED),
  };
}

function sum(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const total: Record<string, number> = { ...a };
  for (const [name, count] of Object.entries(b)) total[name] = (total[name] ?? 0) + count;
  return total;
}

function counted(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) if (name !== "") counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function obstacle(job: Job, node: Node, verdict: Verdict): Obstacle[] {
  switch (verdict.kind) {
    case "fits":
      return [];
    case "filtered":
      return [{ Node: node.Name, Reason: verdict.reason }];
    case "exhausted":
      return [{ Node: node.Name, Reason: verdict.detail }];
    case "not looked at":
      return [{ Node: node.Name, Reason: whyNot(job, node) }];
  }
}

function whyNot(job: Job, node: Node): string {
  if (node.Status !== "ready") return `the node is ${node.Status}`;
  if (node.Drain) return "the node is drained";
  if (node.SchedulingEligibility !== "eligible") return "the node is not eligible for scheduling";
  if (!isInPool(node, job)) return `the node is in the pool "${node.NodePool}", not in "${job.NodePool}"`;
  return isFor(node, job) ? "" : `the node is in the datacenter "${node.Datacenter}"`;
}
