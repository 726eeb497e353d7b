import { type Allocation, type AllocationUpdate, isTerminal } from "#model/allocation.ts";
import type { Evaluation, EvaluationTrigger } from "#model/evaluation.ts";
import { type EvaluationId, type NodeId, newId } from "#model/id.ts";
import type { Job } from "#model/job/job.ts";
import type { Node } from "#model/node.ts";
import { isLive } from "#scheduler/fate.ts";
import type { State, Transaction } from "#state/state.ts";
import { unblock } from "./freed-room.ts";
import { isLaunched, newEvaluation } from "./jobs.ts";
import { allocations, evaluations, jobKey, jobKeyOf, jobs, nodes } from "./tables.ts";
import { nanosecondsNow } from "./time.ts";

/**
 * Takes a node in, or anew after a restart or a silence. What people said of it stands; jobs that waited for room,
 * and those that have something on it, are looked at again.
 */
export async function registerNode(state: State, node: Node): Promise<void> {
  await state.transact((tx) => {
    const before = tx.get(nodes, node.ID);
    const registered: Node = {
      ...node,
      ...(before ? decidedOf(before) : {}),
      StatusUpdatedAt: Math.floor(Date.now() / 1000),
    };
    tx.put(nodes, node.ID, registered);
    evaluateNode(state, tx, registered, "node-update");
  });
}

function decidedOf({ SchedulingEligibility, Drain, DrainStrategy, LastDrain }: Node): Partial<Node> {
  return { SchedulingEligibility, Drain, DrainStrategy, LastDrain };
}

/** Asks for evaluations of all that may be otherwise now that a node has become as it is here. */
export function evaluateNode(
  state: State,
  tx: Transaction,
  node: Node,
  trigger: "node-update" | "node-drain",
): void {
  unblock(state, tx, { nodes: [node], jobs: new Set() });
  const here = new Set(state.find(allocations, "node", node.ID).filter(isLive).map(jobKeyOf));
  for (const job of state.all(jobs)) {
    const isEverywhere = (job.Type === "system" || job.Type === "sysbatch") && !job.Stop && !isLaunched(job);
    const key = jobKey(job.Namespace, job.ID);
    if (isEverywhere || here.has(key)) evaluate(tx, job, trigger, { NodeID: node.ID });
  }
}

/** Takes in what a node says of its allocations, and looks again at jobs that this concerns. */
export async function updateAllocations(state: State, updates: readonly AllocationUpdate[]): Promise<void> {
  await state.transact((tx) => {
    const concerned = new Map<string, Job>();
    const freed = new Map<NodeId, Node>();
    const leaving = new Set<string>();
    for (const update of updates) {
      const before = tx.get(allocations, update.ID);
      if (before === undefined) continue;
      tx.put(allocations, update.ID, updated(before, update));
      const ended = isTerminal(update.ClientStatus) && !isTerminal(before.ClientStatus);
      if (ended) {
        const node = tx.get(nodes, before.NodeID);
        if (node) freed.set(node.ID, node);
        leaving.add(jobKeyOf(before));
      }
      const isBack = before.ClientStatus === "unknown" && update.ClientStatus === "running";
      const job = state.get(jobs, jobKeyOf(before));
      const matters = (ended && !isDone(before, update) && before.DesiredStatus === "run") || isBack;
      if (matters && job) concerned.set(jobKeyOf(before), job);
    }
    for (const job of concerned.values()) evaluate(tx, job, "alloc-failure");
    if (leaving.size > 0) unblock(state, tx, { nodes: [...freed.values()], jobs: leaving });
  });
}

/** What has ended well in a batch job asks for nothing more. */
function isDone({ JobType }: Allocation, { ClientStatus }: AllocationUpdate): boolean {
  return ClientStatus === "complete" && (JobType === "batch" || JobType === "sysbatch");
}

function updated(before: Allocation, update: AllocationUpdate): Allocation {
  return {
    ...before,
    // What a server decided of an allocation on a lost node stands.
    ClientStatus: before.ClientStatus === "lost" ? "lost" : update.ClientStatus,
    ClientDescription: update.ClientDescription,
    TaskStates: update.TaskStates,
    NetworkStatus: update.NetworkStatus,
    DeploymentStatus: healthOf(before, update),
    ModifyTime: nanosecondsNow(),
  };
}

function healthOf({ DeploymentStatus, DeploymentID }: Allocation, update: AllocationUpdate) {
  const { DeploymentHealthy } = update;
  // What it was in an earlier deployment says nothing of this one.
  if (update.DeploymentID !== DeploymentID) return DeploymentStatus;
  if (DeploymentHealthy === null || DeploymentHealthy === DeploymentStatus?.Healthy) return DeploymentStatus;
  const Canary = DeploymentStatus?.Canary ?? false;
  return { Healthy: DeploymentHealthy, Timestamp: new Date().toISOString(), Canary };
}

function evaluate(
  tx: Transaction,
  job: Job,
  trigger: EvaluationTrigger,
  over: Partial<Evaluation> = {},
): void {
  const id = newId<EvaluationId>();
  tx.put(evaluations, id, newEvaluation(id, job, trigger, over));
}
