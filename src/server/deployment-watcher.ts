import type { Allocation } from "#model/allocation.ts";
import type { Deployment } from "#model/deployment.ts";
import type { Log } from "#model/log.ts";
import type { State, Transaction } from "#state/state.ts";
import type { RowChange } from "#state/table-rows.ts";
import { putDeployment } from "./deployment-end.ts";
import { deploymentProgress } from "./deployment-progress.ts";
import { allocations, deployments, jobVersions, versionKey } from "./tables.ts";
import { nanosecondsNow } from "./time.ts";

/** Milliseconds. Deadlines are minutes: a look each second is early enough, and costs nothing while none runs. */
const LOOK = 1000;

/** Follows every running deployment: counts health, lets the next instances be replaced, and ends it. */
export class DeploymentWatcher {
  readonly #state: State;
  readonly #log: Log;
  readonly #stop: () => void;
  readonly #deadlines: NodeJS.Timeout;
  /** Those to be looked at, and whether someone does. */
  readonly #waiting = new Set<string>();
  #isLooking = false;

  constructor(state: State, log: Log) {
    this.#state = state;
    this.#log = log;
    this.#stop = state.observe(({ changes }) => {
      for (const { before, after } of (changes.get(allocations.name) ?? []) as RowChange<Allocation>[]) {
        const id = after?.DeploymentID || before?.DeploymentID;
        if (id && bearing(before) !== bearing(after)) this.#look(id);
      }
    });
    this.#deadlines = setInterval(() => this.#lookAtAll(), LOOK).unref();
    this.#lookAtAll();
  }

  close(): void {
    this.#stop();
    clearInterval(this.#deadlines);
  }

  #lookAtAll(): void {
    for (const { ID } of this.#state.find(deployments, "status", "running")) this.#look(ID);
  }

  /** What changes while one look is under way is seen by the next. */
  #look(id: string): void {
    this.#waiting.add(id);
    if (this.#isLooking) return;
    this.#isLooking = true;
    void this.#lookAtWaiting();
  }

  async #lookAtWaiting(): Promise<void> {
    for (let [id] = this.#waiting; id !== undefined; [id] = this.#waiting) {
      this.#waiting.delete(id);
      try {
        await this.#advance(id);
      } catch (error) {
        this.#log.error("a deployment could not be followed", { id, error });
      }
    }
    this.#isLooking = false;
  }

  async #advance(id: string): Promise<void> {
    const { result } = await this.#state.transact((tx) => this.#step(tx, id));
    if (result !== null && result.Status !== "running") {
      const { JobID, Status, StatusDescription } = result;
      this.#log.info("deployment ended", {
        deployment: id,
        job: JobID,
        status: Status,
        why: StatusDescription,
      });
    }
  }

  #step(tx: Transaction, id: string): Deployment | null {
    const before = tx.get(deployments, id);
    if (before === undefined || before.Status !== "running") return null;
    const job = this.#state.get(jobVersions, versionKey(before.Namespace, before.JobID, before.JobVersion));
    if (job === undefined) return null;
    const own = this.#state.find(allocations, "deployment", id);
    const { deployment, replace } = deploymentProgress({
      deployment: before,
      job,
      allocations: own,
      now: Date.now(),
    });
    for (const each of replace) {
      const allocation = tx.get(allocations, each);
      const DesiredTransition = { Migrate: false, Reschedule: true };
      if (allocation)
        tx.put(allocations, each, { ...allocation, DesiredTransition, ModifyTime: nanosecondsNow() });
    }
    const isSame = JSON.stringify(deployment) === JSON.stringify(before);
    if (isSame && replace.length === 0) return null;
    endTrials(tx, before, deployment);
    return putDeployment(this.#state, tx, deployment).deployment;
  }
}

/** What of an allocation matters to its deployment. */
function bearing(allocation: Allocation | null): string {
  if (allocation === null) return "";
  return `${allocation.DeploymentStatus?.Healthy} ${allocation.ClientStatus} ${allocation.DesiredStatus}`;
}

/** Once promoted, canaries are instances like all others. */
export function endTrials(tx: Transaction, before: Deployment, after: Deployment): void {
  for (const [name, { Promoted, PlacedCanaries }] of Object.entries(after.TaskGroups)) {
    if (!Promoted || before.TaskGroups[name]?.Promoted) continue;
    for (const id of PlacedCanaries) {
      const canary = tx.get(allocations, id);
      if (!canary?.DeploymentStatus) continue;
      tx.put(allocations, id, { ...canary, DeploymentStatus: { ...canary.DeploymentStatus, Canary: false } });
    }
  }
}
