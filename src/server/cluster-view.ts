import type { Allocation } from "#model/allocation.ts";
import type { Node } from "#model/node.ts";
import { Cluster } from "#scheduler/cluster.ts";
import type { State } from "#state/state.ts";
import type { RowChange } from "#state/table-rows.ts";
import { allocations, nodes } from "./tables.ts";

/** The cluster as the tables hold it, brought up to date by every commit. */
export function followCluster(state: State): { readonly cluster: Cluster; readonly stop: () => void } {
  const cluster = Cluster.of(state.all(nodes), state.all(allocations));
  const stop = state.observe(({ changes }) => {
    for (const { before, after } of (changes.get(nodes.name) ?? []) as RowChange<Node>[]) {
      if (after === null) {
        if (before !== null) cluster.removeNode(before.ID);
        continue;
      }
      cluster.putNode(after);
      if (before === null) {
        for (const allocation of state.find(allocations, "node", after.ID)) cluster.change(null, allocation);
      }
    }
    for (const { before, after } of (changes.get(allocations.name) ?? []) as RowChange<Allocation>[]) {
      cluster.change(before, after);
    }
  });
  return { cluster, stop };
}
