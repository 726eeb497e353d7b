import type { Allocation } from "#model/allocation.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { Change } from "./plan.ts";

/**
 * Which of several live allocations of one name stays: one of the newest form before an old one; of an
 * allocation that is back after its node was away and the one that took its place, the one that the group's
 * `disconnect` block says.
 */
export function preferred(
  sameName: readonly Allocation[],
  { Disconnect }: TaskGroup,
  changeOf: (allocation: Allocation) => Change,
): Allocation | undefined {
  if (sameName.length < 2) return sameName[0];
  const newerFirst = Disconnect?.Reconcile === "keep_replacement" ? -1 : 1;
  const isOld = (allocation: Allocation) => Number(changeOf(allocation) === "destructive");
  const isBad = (allocation: Allocation) => Number(allocation.DeploymentStatus?.Healthy === false);
  return sameName.toSorted(
    (a, b) => isOld(a) - isOld(b) || isBad(a) - isBad(b) || newerFirst * (a.CreateTime - b.CreateTime),
  )[0];
}
