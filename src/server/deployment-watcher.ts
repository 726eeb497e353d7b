import { type EvaluationId, newId } from "#model/id.ts";
import type { Log } from "#model/log.ts";
import type { State } from "#state/state.ts";
import { deploymentProgress } from "./deployment-progress.ts";
import { newEvaluation } from "./jobs.ts";
import { allocations, deployments, evaluations, jobKeyOf, jobs } from "./tables.ts";
import { nanosecondsNow } from "./time.ts";

/** Follows every running deployment: counts health, lets the next instances be replaced, and ends it. */
export class DeploymentWatcher {
  readonly #state: State;
  readonly #log: Log;
  readonly #stop: () => void;
  readonly #deadlines: NodeJS.Timeout;

  constructor(state: State, log: Log) {
    this.#state = state;
    this.#log = log;
    this.#stop = state.observe(({ changes }) => {
      for (const { before, after } of changes.get(allocations.name) ?? []) {
        const [old, now] = [before, after] as {
          DeploymentID?: string;
          DeploymentStatus?: { Healthy: boolean | null } | null;
        }[];
        const changed = old?.DeploymentStatus?.Healthy !== now?.DeploymentStatus?.Healthy;
        if (now?.DeploymentID && changed) this.#look(now.DeploymentID);
      }
    });
    // Deadlines are minutes: a look each second is early enough, and costs nothing while nothing is deployed.
    this.#deadlines = setInterval(() => this.#lookAtAll(), 1000).unref();
    this.#lookAtAll();
  }

  close(): void {
    this.#stop();
    clearInterval(this.#deadlines);
  }

  #lookAtAll(): void {
    for (const { ID } of this.#state.find(deployments, "status", "running")) this.#look(ID);
  }

  #look(id: string): void {
    this.#advance(id).catch((error: unknown) =>
      this.#log.error("a deployment could not be followed", { id, error }),
    );
  }

  async #advance(id: string): Promise<void> {
    const { result } = await this.#state.transact((tx) => {
      const before = tx.get(deployments, id);
      if (before === undefined || before.Status !== "running") return null;
      const now = deploymentProgress(before, this.#state.find(allocations, "deployment", id), Date.now());
      if (JSON.stringify(now) === JSON.stringify(before)) return null;
      tx.put(deployments, id, { ...now, ModifyTime: nanosecondsNow() });
      const job = tx.get(jobs, jobKeyOf(before));
      if (job !== undefined) {
        const evaluation = newId<EvaluationId>();
        tx.put(
          evaluations,
          evaluation,
          newEvaluation(evaluation, job, "deployment-watcher", { DeploymentID: now.ID }),
        );
        if (now.Status === "successful" && job.Version === now.JobVersion) {
          tx.put(jobs, jobKeyOf(before), { ...job, Stable: true });
        }
      }
      return now;
    });
    if (result !== null && result.Status !== "running") {
      this.#log.info("deployment ended", { deployment: id, job: result.JobID, status: result.Status });
    }
  }
}
