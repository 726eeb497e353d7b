import type { Allocation } from "#model/allocation.ts";
import type { Deployment } from "#model/deployment.ts";
import type { Evaluation } from "#model/evaluation.ts";
import { type AllocationId, type DeploymentId, type EvaluationId, newId } from "#model/id.ts";
import type { Job } from "#model/job/job.ts";
import { millisecond } from "#model/schema/duration.ts";
import type { Placement, Plan, PlannedDeployment } from "#scheduler/plan.ts";
import type { State, Transaction } from "#state/state.ts";
import { newEvaluation } from "./jobs.ts";
import { allocations, deployments, evaluations, jobKey, jobKeyOf, jobs } from "./tables.ts";
import { nanosecondsNow } from "./time.ts";

/** Writes what a plan changes, and ends the evaluation that it was made for. */
export function carryOut(state: State, tx: Transaction, evaluation: Evaluation, job: Job, plan: Plan): void {
  const now = nanosecondsNow();
  const edits = new AllocationEdits(tx, now);
  for (const { id, reason, lost } of plan.stop) {
    const over = lost ? { ClientStatus: "lost" as const, ClientDescription: reason } : {};
    edits.edit(id, () => ({ DesiredStatus: "stop", DesiredDescription: reason, ...over }));
  }
  for (const id of plan.unknown) {
    const ClientDescription = "alloc is unknown since its node is disconnected";
    edits.edit(id, () => ({ ClientStatus: "unknown", ClientDescription }));
  }
  for (const id of plan.inPlace) {
    edits.edit(id, (allocation) => ({ JobVersion: job.Version, ...watchedAnew(plan, allocation) }));
  }
  for (const placement of plan.place) place(edits, evaluation, job, plan, placement, now);
  const displaced = edits.write();
  for (const other of displaced) {
    const id = newId<EvaluationId>();
    tx.put(evaluations, id, newEvaluation(id, other, "preemption"));
  }
  if (plan.deployment !== null) putDeployment(tx, job, plan.deployment, now);
  endEvaluation(state, tx, evaluation, job, plan);
}

/** Several parts of a plan may speak of one allocation; it is written once. */
class AllocationEdits {
  readonly #tx: Transaction;
  readonly #now: number;
  readonly #changed = new Map<AllocationId, Allocation>();
  readonly #displaced = new Map<string, Job>();

  constructor(tx: Transaction, now: number) {
    this.#tx = tx;
    this.#now = now;
  }

  edit(id: AllocationId, change: (allocation: Allocation) => Partial<Allocation>): void {
    const current = this.#changed.get(id) ?? this.#tx.get(allocations, id);
    if (current === undefined) return;
    this.#changed.set(id, { ...current, ...change(current), ModifyTime: this.#now });
  }

  add(allocation: Allocation): void {
    this.#changed.set(allocation.ID, allocation);
  }

  displace(id: AllocationId, by: AllocationId): void {
    this.edit(id, (allocation) => {
      const job = this.#tx.get(jobs, jobKeyOf(allocation));
      if (job) this.#displaced.set(jobKeyOf(allocation), job);
      const DesiredDescription = `Preempted by alloc ID ${by}`;
      return { DesiredStatus: "evict", DesiredDescription, PreemptedByAllocation: by };
    });
  }

  /** Gives the jobs whose allocations had to give way. */
  write(): Iterable<Job> {
    for (const [id, allocation] of this.#changed) this.#tx.put(allocations, id, allocation);
    return this.#displaced.values();
  }
}

function place(
  edits: AllocationEdits,
  evaluation: Evaluation,
  job: Job,
  plan: Plan,
  placement: Placement,
  now: number,
): void {
  const { id, previous, preempts } = placement;
  edits.add(newAllocation(evaluation, job, plan, placement, now));
  if (previous !== null) edits.edit(previous, () => ({ NextAllocation: id }));
  for (const victim of preempts) edits.displace(victim, id);
}

function deploymentOf({ deployment }: Plan, group: string): DeploymentId | "" {
  return deployment?.groups[group] === undefined ? "" : deployment.id;
}

/** A deployment counts an allocation that goes on once it has proved to be healthy under the new version as well. */
function watchedAnew(plan: Plan, { TaskGroup, DeploymentID: before }: Allocation): Partial<Allocation> {
  const DeploymentID = deploymentOf(plan, TaskGroup);
  return DeploymentID === "" || DeploymentID === before ? {} : { DeploymentID, DeploymentStatus: null };
}

function newAllocation(
  evaluation: Evaluation,
  job: Job,
  plan: Plan,
  placement: Placement,
  now: number,
): Allocation {
  const isNewest = placement.job.Version === job.Version;
  return {
    ID: placement.id,
    Namespace: job.Namespace,
    EvalID: evaluation.ID,
    Name: placement.name,
    NodeID: placement.node.ID,
    NodeName: placement.node.Name,
    JobID: job.ID,
    JobVersion: placement.job.Version,
    JobType: job.Type,
    TaskGroup: placement.group,
    AllocatedResources: placement.resources,
    DesiredStatus: "run",
    DesiredDescription: "",
    DesiredTransition: { Migrate: false, Reschedule: false },
    ClientStatus: "pending",
    ClientDescription: "",
    TaskStates: {},
    DeploymentID: isNewest ? deploymentOf(plan, placement.group) : "",
    DeploymentStatus: placement.isCanary ? { Healthy: null, Timestamp: null, Canary: true } : null,
    NetworkStatus: null,
    PreviousAllocation: placement.previous ?? "",
    NextAllocation: "",
    FollowupEvalID: "",
    PreemptedByAllocation: "",
    CreateTime: now,
    ModifyTime: now,
  };
}

function putDeployment(
  tx: Transaction,
  job: Job,
  { id, isNew, groups }: PlannedDeployment,
  now: number,
): void {
  const known = isNew ? undefined : tx.get(deployments, id);
  const fresh: Deployment = {
    ID: id,
    Namespace: job.Namespace,
    JobID: job.ID,
    JobVersion: job.Version,
    JobCreateIndex: job.CreateIndex,
    JobModifyIndex: job.JobModifyIndex,
    TaskGroups: groups,
    Status: "running",
    StatusDescription: "Deployment is running",
    CreateTime: now,
    ModifyTime: now,
  };
  tx.put(deployments, id, { ...(known ?? fresh), TaskGroups: groups, ModifyTime: now });
}

/** What could not be done yet is left to an evaluation that waits for room, or for its time. */
function endEvaluation(state: State, tx: Transaction, evaluation: Evaluation, job: Job, plan: Plan): void {
  const outcome = { FailedTGAllocs: plan.failed, QueuedAllocations: plan.queued };
  const key = jobKey(job.Namespace, job.ID);
  const isShort = Object.keys(plan.failed).length > 0;
  const blocked = state.find(evaluations, "blocked", key);
  // Nothing is left to be done later for a job that is stopped.
  const waiting = job.Stop ? state.find(evaluations, "waiting", key) : [];
  for (const { ID } of [...blocked, ...waiting].filter(({ ID }) => ID !== evaluation.ID)) {
    const older = tx.get(evaluations, ID);
    const StatusDescription = `Evaluation was superseded by "${evaluation.ID}"`;
    if (older) tx.put(evaluations, ID, { ...older, Status: "canceled", StatusDescription });
  }
  if (plan.again !== null) waitUntil(state, tx, evaluation, job, plan.again * millisecond);
  if (!isShort) {
    complete(tx, evaluation, outcome);
    return;
  }
  const over = {
    ...outcome,
    Status: "blocked",
    StatusDescription: "created to place remaining allocations",
  } as const;
  if (evaluation.TriggeredBy === "queued-allocs") {
    complete(tx, evaluation, over);
    return;
  }
  const id = newId<EvaluationId>();
  tx.put(evaluations, id, newEvaluation(id, job, "queued-allocs", { ...over, PreviousEval: evaluation.ID }));
  complete(tx, evaluation, { ...outcome, BlockedEval: id });
}

/** One evaluation waits for a job, the earliest that it needs. `time`: nanoseconds since 1970. */
function waitUntil(state: State, tx: Transaction, evaluation: Evaluation, job: Job, time: number): void {
  const waiting = state
    .find(evaluations, "waiting", jobKey(job.Namespace, job.ID))
    .filter(({ ID, WaitUntil }) => ID !== evaluation.ID && WaitUntil > nanosecondsNow());
  if (waiting.some(({ WaitUntil }) => WaitUntil <= time)) return;
  const id = newId<EvaluationId>();
  const over = { PreviousEval: evaluation.ID, WaitUntil: time };
  tx.put(evaluations, id, newEvaluation(id, job, "alloc-failure", over));
}

export function complete(tx: Transaction, evaluation: Evaluation, over: Partial<Evaluation>): void {
  const ModifyTime = nanosecondsNow();
  tx.put(evaluations, evaluation.ID, { ...evaluation, Status: "complete", ModifyTime, ...over });
}
