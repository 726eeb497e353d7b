import { type Allocation, isTerminal } from "#model/allocation.ts";
import type { NodeId } from "#model/id.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { Log } from "#model/log.ts";
import type { DrainStrategy, LastDrain, Node } from "#model/node.ts";
import { isLive } from "#scheduler/fate.ts";
import type { State, Transaction } from "#state/state.ts";
import { evaluateNode } from "./node-requests.ts";
import { RefusedError } from "./refused-error.ts";
import { allocations, jobKeyOf, jobVersions, nodes, versionKey } from "./tables.ts";
import { nanosecondsNow } from "./time.ts";

export interface DrainRequest {
  /** Nanoseconds; 0 for none, negative for at once. */
  readonly deadline: number;
  readonly ignoreSystemJobs: boolean;
}

/** Begins to empty a node, changes how, or with null stops it. */
export async function drainNode(
  state: State,
  id: string,
  request: DrainRequest | null,
  options: { readonly markEligible: boolean; readonly meta: Readonly<Record<string, string>> },
): Promise<number> {
  const { index } = await state.transact((tx) => {
    const node = known(tx, id);
    const now = new Date();
    const DrainStrategy = request && strategyOf(request, node, now);
    const isOpen = request === null && (options.markEligible || !node.Drain);
    const changed: Node = {
      ...node,
      DrainStrategy,
      Drain: request !== null,
      SchedulingEligibility: isOpen ? "eligible" : "ineligible",
      LastDrain: lastDrain(node, request === null ? "canceled" : "draining", now, options.meta),
    };
    tx.put(nodes, id, changed);
    evaluateNode(state, tx, changed, "node-drain");
  });
  return index;
}

export async function setEligibility(state: State, id: string, isEligible: boolean): Promise<number> {
  const { index } = await state.transact((tx) => {
    const node = known(tx, id);
    if (node.Drain && isEligible)
      throw new RefusedError("can not set node's scheduling eligibility to eligible while it is draining");
    const changed: Node = { ...node, SchedulingEligibility: isEligible ? "eligible" : "ineligible" };
    tx.put(nodes, id, changed);
    if (isEligible) evaluateNode(state, tx, changed, "node-update");
  });
  return index;
}

/** Forgets a node; what ran on it is lost. */
export async function purgeNode(state: State, id: string): Promise<number> {
  const { index } = await state.transact((tx) => {
    const node = known(tx, id);
    evaluateNode(state, tx, node, "node-update");
    tx.delete(nodes, id);
  });
  return index;
}

function known(tx: Transaction, id: string): Node {
  const node = tx.get(nodes, id);
  if (node === undefined) throw new RefusedError("node not found", "not found");
  return node;
}

function strategyOf({ deadline, ignoreSystemJobs }: DrainRequest, node: Node, now: Date): DrainStrategy {
  return {
    Deadline: deadline,
    IgnoreSystemJobs: ignoreSystemJobs,
    ForceDeadline: deadline > 0 ? new Date(now.getTime() + deadline / 1e6).toISOString() : null,
    StartedAt: node.DrainStrategy?.StartedAt ?? now.toISOString(),
  };
}

function lastDrain(
  node: Node,
  Status: LastDrain["Status"],
  now: Date,
  Meta: LastDrain["Meta"],
): LastDrain | null {
  if (Status !== "draining" && node.LastDrain?.Status !== "draining") return node.LastDrain;
  const StartedAt = node.LastDrain?.Status === "draining" ? node.LastDrain.StartedAt : now.toISOString();
  return { StartedAt, UpdatedAt: now.toISOString(), Status, Meta: { ...node.LastDrain?.Meta, ...Meta } };
}

/** Empties nodes that are drained: lets allocations go one after the other, as their `migrate` blocks say. */
export class Drainer {
  readonly #state: State;
  readonly #log: Log;
  readonly #stop: () => void;
  readonly #timer: NodeJS.Timeout;
  #isWorking = false;

  constructor(state: State, log: Log) {
    this.#state = state;
    this.#log = log;
    this.#stop = state.observe(({ changes }) => {
      if (changes.has(nodes.name) || changes.has(allocations.name)) this.#look();
    });
    // For deadlines.
    this.#timer = setInterval(() => this.#look(), 1000).unref();
    this.#look();
  }

  close(): void {
    this.#stop();
    clearInterval(this.#timer);
  }

  #look(): void {
    if (this.#isWorking) return;
    const drained = this.#state.find(nodes, "drained", "yes");
    if (drained.length === 0) return;
    this.#isWorking = true;
    this.#workOn(drained.map(({ ID }) => ID))
      .catch((error: unknown) => this.#log.error("nodes could not be drained", { error }))
      .finally(() => {
        this.#isWorking = false;
      });
  }

  async #workOn(drained: readonly NodeId[]): Promise<void> {
    const { result } = await this.#state.transact((tx) => drained.flatMap((id) => this.#step(tx, id)));
    for (const id of result) this.#log.info("a node is drained", { node: id });
  }

  /** Gives the node when nothing is left on it. */
  #step(tx: Transaction, id: NodeId): NodeId[] {
    const node = tx.get(nodes, id);
    if (!node?.DrainStrategy) return [];
    const { IgnoreSystemJobs } = node.DrainStrategy;
    const present = this.#state
      .find(allocations, "node", id)
      .filter(({ ClientStatus }) => !isTerminal(ClientStatus));
    const system = present.filter(isOfSystem);
    const others = present.filter((allocation) => !isOfSystem(allocation));
    const left = IgnoreSystemJobs ? others : present;
    if (left.length === 0) {
      const LastDrain = lastDrain(node, "complete", new Date(), {});
      tx.put(nodes, id, { ...node, Drain: false, DrainStrategy: null, LastDrain });
      return [id];
    }
    const isDue = isOverdue(node.DrainStrategy);
    const going = others.length === 0 && !IgnoreSystemJobs ? system : this.#goingNow(others);
    const leaving = (isDue ? left : going).filter(isLive);
    const marked = leaving.filter((allocation) => isDue || !allocation.DesiredTransition.Migrate);
    for (const { ID } of marked) isDue ? stop(tx, ID) : migrate(tx, ID);
    if (marked.length > 0) evaluateNode(this.#state, tx, node, "node-drain");
    return [];
  }

  /** So many of each group, on whichever nodes, that all others stay meanwhile. */
  #goingNow(present: readonly Allocation[]): Allocation[] {
    const groups = Map.groupBy(
      // Those of batch jobs may come to their end.
      present.filter((allocation) => isLive(allocation) && allocation.JobType === "service"),
      (allocation) => `${jobKeyOf(allocation)} ${allocation.TaskGroup}`,
    );
    return [...groups.values()].flatMap((members) => {
      const [first] = members;
      const group = first && this.#groupOf(first);
      if (first === undefined || !group) return members;
      const ofGroup = this.#state
        .find(allocations, "job", jobKeyOf(first))
        .filter((allocation) => allocation.TaskGroup === first.TaskGroup && isLive(allocation));
      const settled = ofGroup.filter(isSettled).length;
      const spare = settled - (group.Count - (group.Migrate?.MaxParallel ?? 1));
      const staying = members.filter(({ DesiredTransition }) => !DesiredTransition.Migrate);
      return staying.slice(0, Math.max(0, spare));
    });
  }

  #groupOf({ Namespace, JobID, JobVersion, TaskGroup: name }: Allocation): TaskGroup | undefined {
    const job = this.#state.get(jobVersions, versionKey(Namespace, JobID, JobVersion));
    return job?.TaskGroups.find(({ Name }) => Name === name);
  }
}

function isOfSystem({ JobType }: Allocation): boolean {
  return JobType === "system" || JobType === "sysbatch";
}

/** Also one that has not become healthy in time: the drain waits for its deadline, and no longer. */
function isSettled({ DesiredTransition, DeploymentStatus, ClientStatus }: Allocation): boolean {
  const isJudged = (DeploymentStatus?.Healthy ?? null) !== null;
  return !isTerminal(ClientStatus) && !DesiredTransition.Migrate && isJudged;
}

function isOverdue({ Deadline, ForceDeadline }: DrainStrategy): boolean {
  return Deadline < 0 || (ForceDeadline !== null && Date.parse(ForceDeadline) <= Date.now());
}

function migrate(tx: Transaction, id: string): void {
  const allocation = tx.get(allocations, id);
  const DesiredTransition = { Migrate: true, Reschedule: false };
  if (allocation) tx.put(allocations, id, { ...allocation, DesiredTransition, ModifyTime: nanosecondsNow() });
}

function stop(tx: Transaction, id: string): void {
  const allocation = tx.get(allocations, id);
  const DesiredDescription = "alloc is stopped since the deadline of its node's drain is over";
  if (allocation === undefined) return;
  tx.put(allocations, id, {
    ...allocation,
    DesiredStatus: "stop",
    DesiredDescription,
    ModifyTime: nanosecondsNow(),
  });
}
