import type { AllocationMetric } from "#model/evaluation.ts";

/** So many nodes are shown with what stands in the way there. */
const NAMED = 5;

/** Why a group could not be placed, in Nomad's lines, and what would help. */
export function placementFailure(group: string, metric: AllocationMetric): string[] {
  const failed = metric.CoalescedFailures + 1;
  return [
    `Task Group "${group}" (failed to place ${failed} allocation${failed === 1 ? "" : "s"}):`,
    ...reasons(metric).map((reason) => `  * ${reason}`),
    ...metric.Obstacles.slice(0, NAMED).map(({ Node, Reason }) => `    ${Node}: ${Reason}`),
    ...advice(metric).map((line) => `    ${line}`),
  ];
}

function reasons(metric: AllocationMetric): string[] {
  const { NodesEvaluated, NodesAvailable, NodesExhausted } = metric;
  const { ClassFiltered, ClassExhausted, ConstraintFiltered, DimensionExhausted } = metric;
  const nodes = Object.values(NodesAvailable).reduce((sum, count) => sum + count, 0);
  return [
    ...(nodes === 0 ? ["No nodes were eligible for evaluation"] : []),
    ...(nodes > 0 && NodesEvaluated === 0
      ? [
          `No nodes are available in the job's datacenters and node pool (there are: ${Object.keys(NodesAvailable).join(", ")})`,
        ]
      : []),
    ...counted(ClassFiltered, (name, count) => `Class "${name}": ${count} nodes excluded by filter`),
    ...counted(
      ConstraintFiltered,
      (name, count) => `Constraint "${name}": ${count} nodes excluded by filter`,
    ),
    ...(NodesExhausted > 0 ? [`Resources exhausted on ${NodesExhausted} nodes`] : []),
    ...counted(ClassExhausted, (name, count) => `Class "${name}" exhausted on ${count} nodes`),
    ...counted(DimensionExhausted, (name, count) => `Dimension "${name}" exhausted on ${count} nodes`),
  ];
}

function counted(
  counts: Readonly<Record<string, number>>,
  line: (name: string, count: number) => string,
): string[] {
  return Object.entries(counts).map(([name, count]) => line(name, count));
}

function advice({ ConstraintFiltered, DimensionExhausted }: AllocationMetric): string[] {
  const names = [...Object.keys(ConstraintFiltered), ...Object.keys(DimensionExhausted)];
  const about = (part: string) => names.some((name) => name.startsWith(part));
  return [
    ...(about("missing drivers")
      ? ["Choose another driver, or see why it is missing: yurt node status -self"]
      : []),
    ...(about("memory") || about("cpu") || about("disk")
      ? [
          "Ask for less in the tasks' `resources`, stop another job, or add a node: yurt node status -self shows the room",
        ]
      : []),
    ...(about("network: reserved port")
      ? ["Another allocation holds the port: choose another `static`, or leave it out to be given a free one"]
      : []),
    ...(about("${")
      ? ["No node meets the constraint: change it, or see what nodes have: yurt node status -verbose -self"]
      : []),
  ];
}
