import type { Evaluation } from "#model/evaluation.ts";
import type { Log } from "#model/log.ts";
import { pause } from "#model/pulse.ts";
import { millisecond } from "#model/schema/duration.ts";
import { SpareTime } from "#model/spare-time.ts";
import { type Cluster, Room } from "#scheduler/cluster.ts";
import type { Plan } from "#scheduler/plan.ts";
import { schedule } from "#scheduler/schedule.ts";
import type { State, Transaction } from "#state/state.ts";
import { carryOut, complete } from "./carry-out.ts";
import { FreedMeanwhile, unblock } from "./freed-room.ts";
import { isLaunched } from "./jobs.ts";
import { configurationOf, jobOf, situationOf } from "./situation.ts";
import { evaluations, jobKeyOf, schedulerConfigurations } from "./tables.ts";
import { nanosecondsNow } from "./time.ts";

/** Milliseconds of deciding after which what is decided is written: others want the processor too. */
const BATCH_TIME = 40;

/**
 * Takes up every evaluation that is due, the most important first, and carries their plans out, many in one
 * commit. An evaluation that finds no room waits blocked, and is taken up when there may be room.
 */
export class EvaluationWorker {
  readonly #state: State;
  readonly #cluster: Cluster;
  readonly #log: Log;
  readonly #spare = new SpareTime();
  readonly #freed: FreedMeanwhile;
  readonly #stop: () => void;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> = Promise.resolve();
  #isWorking = false;
  #closed = false;

  constructor(state: State, cluster: Cluster, log: Log) {
    this.#state = state;
    this.#cluster = cluster;
    this.#log = log;
    this.#freed = new FreedMeanwhile(state);
    this.#stop = state.observe(({ changes }) => {
      if (changes.has(evaluations.name) || changes.has(schedulerConfigurations.name)) this.#wake();
    });
    this.#wake();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stop();
    this.#freed.stop();
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
    while (this.#due().length > 0 && !this.#closed) {
      await this.#spare.turn();
      try {
        await this.#state.transact((tx) => {
          this.#freed.take();
          this.#evaluateAll(tx, byJob(this.#due()));
        });
        const freed = this.#freed.take();
        if (freed !== null) await this.#state.transact((tx) => unblock(this.#state, tx, freed));
      } catch (error) {
        this.#log.error("evaluations could not be carried out; they are tried again", { error });
        await pause(1000);
      }
    }
    this.#sleepUntilNext();
  }

  #due(): Evaluation[] {
    if (configurationOf(this.#state).PauseEvalBroker) return [];
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
    const delay = Math.max(1, (Math.min(...waits) - nanosecondsNow()) / millisecond);
    this.#timer = setTimeout(() => this.#wake(), Math.min(delay, 2 ** 31 - 1)).unref();
  }

  /** One plan after the other, each in the room that those before it leave. */
  #evaluateAll(tx: Transaction, due: readonly (readonly Evaluation[])[]): void {
    const start = performance.now();
    const room = new Room(this.#cluster);
    for (const ofJob of due) {
      const [first, ...others] = ofJob.filter(({ ID }) => tx.get(evaluations, ID)?.Status === "pending");
      if (first === undefined) continue;
      const plan = this.#evaluate(tx, first, room);
      for (const other of others) complete(tx, other, outcomeOf(plan));
      if (performance.now() - start > BATCH_TIME) return;
    }
  }

  #evaluate(tx: Transaction, evaluation: Evaluation, room: Room): Plan | null {
    const job = jobOf(this.#state, evaluation);
    // What only launches others runs nothing itself.
    if (job === undefined || (isLaunched(job) && !job.Stop)) {
      complete(tx, evaluation, {});
      return null;
    }
    try {
      const plan = schedule(situationOf(this.#state, room, job));
      carryOut(this.#state, tx, evaluation, job, plan);
      for (const { id, node, resources } of plan.place) {
        const { Namespace, ID: JobID } = job;
        room.take(node.ID, { ID: id, Namespace, JobID, AllocatedResources: resources });
      }
      this.#log.debug("evaluated", {
        evaluation: evaluation.ID,
        job: job.ID,
        place: plan.place.length,
        stop: plan.stop.length,
        failed: Object.keys(plan.failed).length,
      });
      return plan;
    } catch (error) {
      this.#log.error("an evaluation failed", { evaluation: evaluation.ID, job: job.ID, error });
      const StatusDescription = error instanceof Error ? error.message : String(error);
      complete(tx, evaluation, { Status: "failed", StatusDescription });
      return null;
    }
  }
}

/** One plan answers all that is asked about a job at a time. */
function byJob(due: readonly Evaluation[]): (readonly Evaluation[])[] {
  return [...Map.groupBy(due, jobKeyOf).values()];
}

function outcomeOf(plan: Plan | null): Partial<Evaluation> {
  return plan === null ? {} : { FailedTGAllocs: plan.failed, QueuedAllocations: plan.queued };
}
