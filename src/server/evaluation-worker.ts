import type { Allocation } from "#model/allocation.ts";
import type { Deployment } from "#model/deployment.ts";
import type { Evaluation } from "#model/evaluation.ts";
import { type EvaluationId, newId } from "#model/id.ts";
import type { Job } from "#model/job/job.ts";
import type { Log } from "#model/log.ts";
import type { Placement, Plan } from "#scheduler/plan.ts";
import { schedule } from "#scheduler/schedule.ts";
import type { State, Transaction } from "#state/state.ts";
import { newEvaluation } from "./jobs.ts";
import { jobOf, situationOf } from "./situation.ts";
import { allocations, deployments, evaluations } from "./tables.ts";
import { nanosecondsNow } from "./time.ts";

const MILLISECOND = 1e6;

/**
 * Takes up every evaluation that is due, one after the other, and carries its plan out in one commit. An
 * evaluation that finds no room is followed by a blocked one, which is taken up when there may be room.
 */
export class EvaluationWorker {
  readonly #state: State;
  readonly #log: Log;
  readonly #stop: () => void;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> = Promise.resolve();
  #isWorking = false;
  #closed = false;

  constructor(state: State, log: Log) {
    this.#state = state;
    this.#log = log;
    this.#stop = state.observe(({ changes }) => {
      if (changes.has(evaluations.name)) this.#wake();
    });
    this.#wake();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stop();
    clearTimeout(this.#timer);
    await this.#working;
  }

  #wake(): void {
    if (this.#isWorking || this.#closed) return;
    this.#isWorking = true;
    this.#working = this.#work().finally(() => {
      this.#isWorking = false;
      // What came in between the last look and this moment.
      if (this.#due().length > 0) this.#wake();
    });
  }

  async #work(): Promise<void> {
    for (let [next] = this.#due(); next !== undefined && !this.#closed; [next] = this.#due()) {
      try {
        await this.#evaluate(next);
      } catch (error) {
        this.#log.error("an evaluation failed", { evaluation: next.ID, job: next.JobID, error });
        await this.#fail(next, error);
      }
    }
    this.#sleepUntilNext();
  }

  #due(): Evaluation[] {
    const now = nanosecondsNow();
    return this.#state
      .find(evaluations, "status", "pending")
      .filter((evaluation) => evaluation.WaitUntil <= now)
      .sort((a, b) => b.Priority - a.Priority || a.CreateIndex - b.CreateIndex);
  }

  #sleepUntilNext(): void {
    const waits = this.#state
      .find(evaluations, "status", "pending")
      .map((evaluation) => evaluation.WaitUntil);
    clearTimeout(this.#timer);
    if (waits.length === 0 || this.#closed) return;
    const delay = Math.max(1, (Math.min(...waits) - nanosecondsNow()) / MILLISECOND);
    this.#timer = setTimeout(() => this.#wake(), Math.min(delay, 2 ** 31 - 1)).unref();
  }

  async #evaluate(evaluation: Evaluation): Promise<void> {
    const job = jobOf(this.#state, evaluation);
    if (job === undefined) {
      await this.#state.transact((tx) => complete(tx, evaluation, {}));
      return;
    }
    const plan = schedule(situationOf(this.#state, job));
    await this.#state.transact((tx) => this.#carryOut(tx, evaluation, job, plan));
    this.#log.debug("evaluated", {
      evaluation: evaluation.ID,
      job: job.ID,
      place: plan.place.length,
      stop: plan.stop.length,
      failed: Object.keys(plan.failed).length,
    });
  }

  #carryOut(tx: Transaction, evaluation: Evaluation, job: Job, plan: Plan): void {
    const now = nanosecondsNow();
    for (const { id, reason, lost } of plan.stop) {
      const current = tx.get(allocations, id);
      if (current === undefined) continue;
      tx.put(allocations, id, {
        ...current,
        DesiredStatus: "stop",
        DesiredDescription: reason,
        ClientStatus: lost ? "lost" : current.ClientStatus,
        ModifyTime: now,
      });
    }
    for (const placement of plan.place) {
      tx.put(allocations, placement.id, newAllocation(evaluation, job, plan, placement, now));
      const previous = placement.previous && tx.get(allocations, placement.previous);
      if (previous && !plan.stop.some((stop) => stop.id === previous.ID)) {
        tx.put(allocations, previous.ID, { ...previous, NextAllocation: placement.id, ModifyTime: now });
      }
    }
    if (plan.deployment !== null) this.#putDeployment(tx, job, plan.deployment, now);
    complete(tx, evaluation, {
      FailedTGAllocs: plan.failed,
      QueuedAllocations: plan.queued,
      ...this.#followUp(tx, evaluation, job, plan),
    });
  }

  #putDeployment(tx: Transaction, job: Job, planned: NonNullable<Plan["deployment"]>, now: number): void {
    const fresh: Deployment = {
      ID: planned.id,
      Namespace: job.Namespace,
      JobID: job.ID,
      JobVersion: job.Version,
      JobCreateIndex: job.CreateIndex,
      JobModifyIndex: job.JobModifyIndex,
      TaskGroups: planned.groups,
      Status: "running",
      StatusDescription: "Deployment is running",
      CreateTime: now,
      ModifyTime: now,
    };
    const known = planned.isNew ? undefined : tx.get(deployments, planned.id);
    tx.put(deployments, planned.id, {
      ...(known ?? fresh),
      TaskGroups: withDeadlines(planned.groups),
      ModifyTime: now,
    });
  }

  /** The evaluation that waits for room, or for the time when a failed allocation may be replaced. */
  #followUp(tx: Transaction, evaluation: Evaluation, job: Job, plan: Plan): Partial<Evaluation> {
    const link = { PreviousEval: evaluation.ID };
    if (Object.keys(plan.failed).length > 0) {
      for (const older of this.#state.find(evaluations, "status", "blocked")) {
        if (older.JobID === job.ID && older.Namespace === job.Namespace) tx.delete(evaluations, older.ID);
      }
      const id = newId<EvaluationId>();
      tx.put(
        evaluations,
        id,
        newEvaluation(id, job, "queued-allocs", {
          ...link,
          Status: "blocked",
          StatusDescription: "created to place remaining allocations",
          FailedTGAllocs: plan.failed,
          QueuedAllocations: plan.queued,
        }),
      );
      return { BlockedEval: id };
    }
    if (plan.again !== null) {
      const id = newId<EvaluationId>();
      tx.put(
        evaluations,
        id,
        newEvaluation(id, job, "alloc-failure", { ...link, WaitUntil: plan.again * MILLISECOND }),
      );
    }
    return {};
  }

  async #fail(evaluation: Evaluation, error: unknown): Promise<void> {
    const description = error instanceof Error ? error.message : String(error);
    await this.#state.transact((tx) => {
      tx.put(evaluations, evaluation.ID, { ...evaluation, Status: "failed", StatusDescription: description });
    });
  }
}

function complete(tx: Transaction, evaluation: Evaluation, over: Partial<Evaluation>): void {
  tx.put(evaluations, evaluation.ID, {
    ...evaluation,
    Status: "complete",
    ModifyTime: nanosecondsNow(),
    ...over,
  });
}

function withDeadlines(groups: Deployment["TaskGroups"]): Deployment["TaskGroups"] {
  return Object.fromEntries(
    Object.entries(groups).map(([name, group]) => {
      const deadline = group.ProgressDeadline > 0 && group.PlacedAllocs > 0;
      const by = deadline ? new Date(Date.now() + group.ProgressDeadline / MILLISECOND).toISOString() : null;
      return [name, { ...group, RequireProgressBy: group.RequireProgressBy ?? by }];
    }),
  );
}

function newAllocation(
  evaluation: Evaluation,
  job: Job,
  plan: Plan,
  placement: Placement,
  now: number,
): Allocation {
  const isWatched = plan.deployment?.groups[placement.group] !== undefined;
  return {
    ID: placement.id,
    Namespace: job.Namespace,
    EvalID: evaluation.ID,
    Name: placement.name,
    NodeID: placement.node.ID,
    NodeName: placement.node.Name,
    JobID: job.ID,
    JobVersion: job.Version,
    JobType: job.Type,
    TaskGroup: placement.group,
    AllocatedResources: placement.resources,
    DesiredStatus: "run",
    DesiredDescription: "",
    DesiredTransition: { Migrate: false, Reschedule: false },
    ClientStatus: "pending",
    ClientDescription: "",
    TaskStates: {},
    DeploymentID: isWatched ? (plan.deployment?.id ?? "") : "",
    DeploymentStatus: null,
    NetworkStatus: null,
    PreviousAllocation: placement.previous ?? "",
    NextAllocation: "",
    FollowupEvalID: "",
    CreateTime: now,
    ModifyTime: now,
  };
}
