import type { AllocatedTaskResources } from "#model/allocation.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { Node } from "#model/node.ts";
import { coreShares, type Usage } from "./usage.ts";

/** The cores of a node, by task, for the tasks of a group that want some for themselves. There must be room for them. */
export function assignCores(
  node: Node,
  used: Usage,
  { Tasks }: TaskGroup,
): ReadonlyMap<string, AllocatedTaskResources["Cpu"]> {
  const { ReservableCpuCores = [] } = node.NodeResources.Cpu;
  const free = ReservableCpuCores.values().filter((core) => !used.isReserved(core));
  const wanting = Tasks.filter(({ Resources }) => Resources.Cores > 0);
  return new Map(
    wanting.map(({ Name, Resources: { Cores } }) => {
      const ReservedCores = Array.from({ length: Cores }, () => free.next().value ?? -1);
      return [Name, { CpuShares: Cores * coreShares(node), ReservedCores }];
    }),
  );
}
