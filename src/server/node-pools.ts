import type { Job } from "#model/job/job.ts";
import type { Node } from "#model/node.ts";
import { BUILT_IN_POOLS, type NodePool } from "#model/node-pool.ts";
import type { State } from "#state/state.ts";
import type { Row } from "#state/table.ts";
import { RefusedError } from "./refused-error.ts";
import { jobs, nodePools, nodes } from "./tables.ts";

/** Those that are always there, those that were made, and those that a node has brought by naming them. */
export function allPools(state: State): Row<NodePool>[] {
  const pools = new Map<string, Row<NodePool>>();
  for (const { NodePool: Name, CreateIndex, ModifyIndex } of state.all(nodes))
    pools.set(Name, { Name, Description: "", Meta: {}, CreateIndex, ModifyIndex });
  for (const pool of BUILT_IN_POOLS) pools.set(pool.Name, { ...pool, CreateIndex: 1, ModifyIndex: 1 });
  for (const pool of state.all(nodePools)) pools.set(pool.Name, pool);
  return [...pools.values()].sort((a, b) => (a.Name < b.Name ? -1 : 1));
}

export function nodesOf(state: State, pool: string): Row<Node>[] {
  return state.all(nodes).filter(({ NodePool }) => pool === "all" || NodePool === pool);
}

export function jobsOf(state: State, pool: string): Row<Job>[] {
  return state.all(jobs).filter(({ NodePool }) => NodePool === pool);
}

export async function putPool(state: State, pool: NodePool): Promise<number> {
  if (isBuiltIn(pool.Name)) throw new RefusedError(`the node pool "${pool.Name}" cannot be changed`);
  const { index } = await state.transact((tx) => tx.put(nodePools, pool.Name, pool));
  return index;
}

/** Only one that nothing needs any more. */
export async function deletePool(state: State, name: string): Promise<number> {
  if (isBuiltIn(name)) throw new RefusedError(`the node pool "${name}" cannot be deleted`);
  const { index } = await state.transact((tx) => {
    if (tx.get(nodePools, name) === undefined) throw new RefusedError("node pool not found", "not found");
    const [node] = nodesOf(state, name);
    if (node !== undefined)
      throw new RefusedError(`the node pool "${name}" has nodes, such as "${node.Name}"`);
    const job = jobsOf(state, name).find(({ Stop }) => !Stop);
    if (job !== undefined) throw new RefusedError(`the node pool "${name}" has jobs, such as "${job.ID}"`);
    tx.delete(nodePools, name);
  });
  return index;
}

function isBuiltIn(name: string): boolean {
  return BUILT_IN_POOLS.some(({ Name }) => Name === name);
}
