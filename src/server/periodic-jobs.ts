import type { EvaluationId } from "#model/id.ts";
import type { Job } from "#model/job/job.ts";
import { nextLaunch } from "#model/launch-time.ts";
import type { Log } from "#model/log.ts";
import { millisecond } from "#model/schema/duration.ts";
import type { State, Transaction } from "#state/state.ts";
import { statusOf } from "./job-status.ts";
import { launch } from "./launch.ts";
import { RefusedError } from "./refused-error.ts";
import { jobKey, jobs, launches } from "./tables.ts";
import { nanosecondsNow } from "./time.ts";

const LONGEST_WAIT = 2 ** 31 - 1;

/**
 * Launches periodic jobs when it is time. The last launch of each is stored, so that one that fell into a time
 * without a server is made up for, once.
 */
export class PeriodicJobs {
  readonly #state: State;
  readonly #log: Log;
  readonly #stop: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isWorking = false;
  #closed = false;

  constructor(state: State, log: Log) {
    this.#state = state;
    this.#log = log;
    this.#stop = state.observe(({ changes }) => {
      const isConcerned = changes
        .get(jobs.name)
        ?.some(({ before, after }) => isPeriodic(after) || isPeriodic(before));
      if (isConcerned) this.#look();
    });
    this.#look();
  }

  close(): void {
    this.#closed = true;
    this.#stop();
    clearTimeout(this.#timer);
  }

  #look(): void {
    if (this.#isWorking || this.#closed) return;
    this.#isWorking = true;
    this.#launchDue()
      .catch((error: unknown) => this.#log.error("periodic jobs could not be launched", { error }))
      .finally(() => {
        this.#isWorking = false;
        this.#sleep();
      });
  }

  #sleep(): void {
    clearTimeout(this.#timer);
    const times = this.#periodic().flatMap((job) => nextOf(this.#state, job)?.getTime() ?? []);
    if (times.length === 0 || this.#closed) return;
    const wait = Math.max(1, Math.min(...times) - Date.now());
    this.#timer = setTimeout(() => this.#look(), Math.min(wait, LONGEST_WAIT)).unref();
  }

  #periodic(): Job[] {
    return this.#state.find(jobs, "periodic", "yes");
  }

  async #launchDue(): Promise<void> {
    for (const job of this.#periodic()) {
      const next = nextOf(this.#state, job);
      if (next === null || next.getTime() > Date.now()) continue;
      const { result } = await this.#state.transact((tx) => this.#launchOnce(tx, job, next));
      if (result !== null) this.#log.info("launched", { job: job.ID, child: result });
    }
  }

  #launchOnce(tx: Transaction, { Namespace, ID }: Job, time: Date): string | null {
    const key = jobKey(Namespace, ID);
    const job = tx.get(jobs, key);
    const last = tx.get(launches, key);
    const isTaken = last !== undefined && last.Launch >= time.getTime() * millisecond;
    if (job === undefined || job.Stop || isTaken) return null;
    tx.put(launches, key, { Namespace, ID, Launch: nanosecondsNow() });
    if (job.Periodic?.ProhibitOverlap && hasRunningChild(this.#state, job)) return null;
    return launchAt(this.#state, tx, job, time).job.ID;
  }
}

/** Launches a periodic job at once, whatever its times. */
export async function forceLaunch(
  state: State,
  namespace: string,
  id: string,
): Promise<{ readonly evaluation: EvaluationId; readonly index: number }> {
  const { result, index } = await state.transact((tx) => {
    const key = jobKey(namespace, id);
    const job = tx.get(jobs, key);
    if (job === undefined) throw new RefusedError("job not found", "not found");
    if (job.Periodic === null) throw new RefusedError("can't force launch non-periodic job");
    tx.put(launches, key, { Namespace: namespace, ID: id, Launch: nanosecondsNow() });
    return launchAt(state, tx, job, new Date());
  });
  return { evaluation: result.evaluation, index };
}

function launchAt(state: State, tx: Transaction, job: Job, time: Date) {
  const ID = `${job.ID}/periodic-${Math.floor(time.getTime() / 1000)}`;
  return launch(state, tx, job, { ID, Periodic: null }, "periodic-job");
}

/** When a job is to be launched next, counted from its last launch or, before the first, from its registration. */
function nextOf(state: State, { Namespace, ID, Periodic, SubmitTime, Stop }: Job): Date | null {
  if (Periodic === null || Stop) return null;
  const last = state.get(launches, jobKey(Namespace, ID))?.Launch ?? 0;
  const after = Math.max(last, SubmitTime ?? 0) / millisecond;
  return nextLaunch(Periodic, new Date(after));
}

function hasRunningChild(state: State, job: Job): boolean {
  return state
    .find(jobs, "parent", jobKey(job.Namespace, job.ID))
    .some((child) => statusOf(state, child) !== "dead");
}

function isPeriodic(row: object | null): boolean {
  return row !== null && (row as Job).Periodic !== null;
}
