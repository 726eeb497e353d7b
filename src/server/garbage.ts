import { type Allocation, isTerminal } from "#model/allocation.ts";
import type { Evaluation } from "#model/evaluation.ts";
import type { Job } from "#model/job/job.ts";
import type { Log } from "#model/log.ts";
import { hour } from "#model/schema/duration.ts";
import type { State, Transaction } from "#state/state.ts";
import type { Row } from "#state/table.ts";
import { statusOf } from "./job-status.ts";
import { forgetVersions, isLaunched } from "./jobs.ts";
import {
  allocations,
  deployments,
  evaluations,
  jobKey,
  jobKeyOf,
  jobs,
  launches,
  nodes,
  scalingEvents,
} from "./tables.ts";
import { nanosecondsNow } from "./time.ts";

/** Nanoseconds after which what is over is forgotten. The defaults are Nomad's. */
export interface Thresholds {
  readonly evaluation: number;
  readonly batchEvaluation: number;
  readonly deployment: number;
  readonly job: number;
  readonly node: number;
}

const DEFAULTS: Thresholds = {
  evaluation: hour,
  batchEvaluation: 24 * hour,
  deployment: hour,
  job: 4 * hour,
  node: 24 * hour,
};

const AT_ONCE: Thresholds = { evaluation: 0, batchEvaluation: 0, deployment: 0, job: 0, node: 0 };

/** Milliseconds. */
const INTERVAL = 5 * 60_000;
/** So many rows are forgotten in one commit. */
const BATCH = 500;

/** Forgets what is over: evaluations with their allocations, deployments, jobs, nodes. */
export class Garbage {
  readonly #state: State;
  readonly #timer: NodeJS.Timeout;

  constructor(state: State, log: Log) {
    this.#state = state;
    const collect = () => {
      this.collect(DEFAULTS).catch((error: unknown) =>
        log.error("garbage could not be collected", { error }),
      );
    };
    this.#timer = setInterval(collect, INTERVAL).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Without thresholds everything that is over goes at once. */
  async collect(thresholds: Thresholds = AT_ONCE): Promise<void> {
    const now = nanosecondsNow();
    const state = this.#state;
    await this.#forget(overJobs(state, thresholds, now), (tx, job) => forgetJob(state, tx, job));
    await this.#forget(overEvaluations(state, thresholds, now), (tx, each) =>
      forgetEvaluation(state, tx, each),
    );
    await this.#forget(
      state
        .all(deployments)
        .filter(
          ({ Status, ModifyTime }) =>
            !["running", "paused"].includes(Status) && ModifyTime <= now - thresholds.deployment,
        )
        .filter(({ ID }) => state.find(allocations, "deployment", ID).every(isOver)),
      (tx, { ID }) => tx.delete(deployments, ID),
    );
    await this.#forget(
      state
        .all(nodes)
        .filter(
          ({ Status, StatusUpdatedAt }) =>
            Status === "down" && StatusUpdatedAt * 1e9 <= now - thresholds.node,
        )
        .filter(({ ID }) => state.find(allocations, "node", ID).length === 0),
      (tx, { ID }) => tx.delete(nodes, ID),
    );
  }

  async #forget<Item>(items: readonly Item[], forget: (tx: Transaction, item: Item) => void): Promise<void> {
    for (let start = 0; start < items.length; start += BATCH) {
      const batch = items.slice(start, start + BATCH);
      await this.#state.transact((tx) => {
        for (const item of batch) forget(tx, item);
      });
    }
  }
}

/** It will not run again, and its node knows that. */
function isOver({ ClientStatus, DesiredStatus }: Allocation): boolean {
  return isTerminal(ClientStatus) || (DesiredStatus !== "run" && ClientStatus === "unknown");
}

function isPast({ Status }: Evaluation): boolean {
  return Status !== "pending" && Status !== "blocked";
}

/** Dead jobs. A service that has failed stays: its author wants it to run. */
function overJobs(state: State, { job: threshold }: Thresholds, now: number): Job[] {
  return state.all(jobs).filter((job) => {
    if (isLaunched(job) && !job.Stop) return false;
    const isEndless = job.Type === "service" || job.Type === "system";
    if ((isEndless && !job.Stop) || statusOf(state, job) !== "dead") return false;
    const key = jobKey(job.Namespace, job.ID);
    const own = state.find(allocations, "job", key);
    const past = state.find(evaluations, "job", key);
    const times = [...own, ...past].map(({ ModifyTime }) => ModifyTime);
    return (
      own.every(isOver) && past.every(isPast) && Math.max(job.SubmitTime ?? 0, ...times) <= now - threshold
    );
  });
}

function forgetJob(state: State, tx: Transaction, { Namespace, ID }: Job): void {
  const key = jobKey(Namespace, ID);
  for (const each of state.find(evaluations, "job", key)) tx.delete(evaluations, each.ID);
  for (const each of state.find(allocations, "job", key)) tx.delete(allocations, each.ID);
  for (const each of state.find(deployments, "job", key)) tx.delete(deployments, each.ID);
  forgetVersions(state, tx, { Namespace, ID });
  tx.delete(launches, key);
  tx.delete(scalingEvents, key);
  tx.delete(jobs, key);
}

/** Evaluations that are past, and whose allocations are. Those of a batch job that is there tell what it has done. */
function overEvaluations(state: State, thresholds: Thresholds, now: number): Row<Evaluation>[] {
  return state.all(evaluations).filter((evaluation) => {
    const isBatch = evaluation.Type === "batch" || evaluation.Type === "sysbatch";
    const job = state.get(jobs, jobKeyOf(evaluation));
    const threshold = isBatch ? thresholds.batchEvaluation : thresholds.evaluation;
    if (!isPast(evaluation) || evaluation.ModifyTime > now - threshold) return false;
    const own = state.find(allocations, "evaluation", evaluation.ID);
    if (isBatch && job !== undefined && own.length > 0) return false;
    return own.every((each) => isOver(each) && each.ModifyTime <= now - threshold && isSettled(each, job));
  });
}

/** A failed allocation that may still be replaced is what its replacement is decided from. */
function isSettled(
  { ClientStatus, DesiredStatus, NextAllocation }: Allocation,
  job: Job | undefined,
): boolean {
  return (
    job === undefined ||
    job.Stop ||
    ClientStatus !== "failed" ||
    DesiredStatus !== "run" ||
    NextAllocation !== ""
  );
}

function forgetEvaluation(state: State, tx: Transaction, { ID }: Evaluation): void {
  for (const each of state.find(allocations, "evaluation", ID)) tx.delete(allocations, each.ID);
  tx.delete(evaluations, ID);
}
