import { type Allocation, type AllocationUpdate, isTerminal } from "#model/allocation.ts";
import { type EvaluationId, type NodeId, newId } from "#model/id.ts";
import type { Job } from "#model/job/job.ts";
import type { Node } from "#model/node.ts";
import type { State, Transaction } from "#state/state.ts";
import { newEvaluation } from "./jobs.ts";
import { allocations, evaluations, jobKeyOf, jobs, jobVersions, nodes, versionKey } from "./tables.ts";
import { nanosecondsNow } from "./time.ts";

/** An allocation with the version of the job that it runs. */
export interface AllocationWithJob extends Allocation {
  readonly Job: Job;
}

/** Takes a node in, or anew after a restart; jobs that waited for room are looked at again. */
export async function registerNode(state: State, node: Node): Promise<void> {
  await state.transact((tx) => {
    tx.put(nodes, node.ID, { ...node, StatusUpdatedAt: Math.floor(Date.now() / 1000) });
    unblock(state, tx);
    for (const job of state.all(jobs)) {
      if ((job.Type === "system" || job.Type === "sysbatch") && !job.Stop) evaluate(tx, job, "node-update");
    }
  });
}

/** All allocations of a node that it must know of, again and whole each time one of them changes. */
export async function* allocationsOfNode(
  state: State,
  node: NodeId,
  signal: AbortSignal,
): AsyncGenerator<readonly AllocationWithJob[]> {
  let last = "";
  while (!signal.aborted) {
    const index = state.index(allocations);
    const mine = state.find(allocations, "node", node).flatMap((allocation) => withJob(state, allocation));
    // What the node itself reported is no news to it.
    const digest = mine
      .map(({ ID, DesiredStatus, JobVersion }) => `${ID} ${DesiredStatus} ${JobVersion}`)
      .join("\n");
    if (digest !== last) yield mine;
    last = digest;
    await state.changed([allocations], index, signal);
  }
}

export function withJob(state: State, allocation: Allocation): AllocationWithJob[] {
  const { Namespace, JobID, JobVersion } = allocation;
  const job =
    state.get(jobVersions, versionKey(Namespace, JobID, JobVersion)) ?? state.get(jobs, jobKeyOf(allocation));
  return job === undefined ? [] : [{ ...allocation, Job: job }];
}

/** Takes in what a node says of its allocations, and looks again at jobs that this concerns. */
export async function updateAllocations(state: State, updates: readonly AllocationUpdate[]): Promise<void> {
  await state.transact((tx) => {
    const concerned = new Map<string, Job>();
    let isRoomFreed = false;
    for (const update of updates) {
      const before = tx.get(allocations, update.ID);
      if (before === undefined) continue;
      tx.put(allocations, update.ID, updated(before, update));
      const ended = isTerminal(update.ClientStatus) && !isTerminal(before.ClientStatus);
      isRoomFreed ||= ended;
      const job = state.get(jobs, jobKeyOf(before));
      if (ended && job && before.DesiredStatus === "run") concerned.set(jobKeyOf(before), job);
    }
    for (const job of concerned.values()) evaluate(tx, job, "alloc-failure");
    if (isRoomFreed) unblock(state, tx);
  });
}

function updated(before: Allocation, update: AllocationUpdate): Allocation {
  const health = before.DeploymentStatus?.Healthy ?? null;
  const DeploymentStatus =
    before.DeploymentID !== "" && update.DeploymentHealthy !== null && health !== update.DeploymentHealthy
      ? { Healthy: update.DeploymentHealthy, Timestamp: new Date().toISOString(), Canary: false }
      : before.DeploymentStatus;
  return {
    ...before,
    // What a server decided of an allocation on a lost node stands.
    ClientStatus: before.ClientStatus === "lost" ? "lost" : update.ClientStatus,
    ClientDescription: update.ClientDescription,
    TaskStates: update.TaskStates,
    NetworkStatus: update.NetworkStatus,
    DeploymentStatus,
    ModifyTime: nanosecondsNow(),
  };
}

function evaluate(tx: Transaction, job: Job, trigger: "alloc-failure" | "node-update"): void {
  const id = newId<EvaluationId>();
  tx.put(evaluations, id, newEvaluation(id, job, trigger));
}

/** There may be room now for what had none. */
function unblock(state: State, tx: Transaction): void {
  for (const { ID } of state.find(evaluations, "status", "blocked")) {
    const blocked = tx.get(evaluations, ID);
    if (blocked?.Status === "blocked")
      tx.put(evaluations, ID, { ...blocked, Status: "pending", StatusDescription: "" });
  }
}
