import type { Deployment } from "#model/deployment.ts";
import type { State, Transaction } from "#state/state.ts";
import { type DeploymentChange, putDeployment } from "./deployment-end.ts";
import { awaitsPromotion, canariesLacking, promoted } from "./deployment-progress.ts";
import { endTrials } from "./deployment-watcher.ts";
import { RefusedError } from "./refused-error.ts";
import { allocations, deployments } from "./tables.ts";
import { nanosecondsNow } from "./time.ts";

export interface ChangedDeployment extends DeploymentChange {
  readonly index: number;
}

/** Lets the canaries of the groups, or of all with null, stand; the other instances follow. */
export function promoteDeployment(
  state: State,
  id: string,
  groups: readonly string[] | null,
): Promise<ChangedDeployment> {
  return change(state, id, "promote", (tx, deployment) => {
    const unknown = groups?.find((name) => deployment.TaskGroups[name] === undefined);
    if (unknown !== undefined) throw new RefusedError(`the deployment has no task group "${unknown}"`);
    const wanted = Object.entries(deployment.TaskGroups).filter(
      ([name, group]) => awaitsPromotion(group) && (groups?.includes(name) ?? true),
    );
    if (wanted.length === 0) throw new RefusedError("no canaries to promote");
    const own = state.find(allocations, "deployment", id);
    for (const [name, group] of wanted) {
      const lacking = canariesLacking(
        group,
        own.filter(({ TaskGroup }) => TaskGroup === name),
      );
      if (lacking > 0) {
        const healthy = group.DesiredCanaries - lacking;
        throw new RefusedError(
          `Task group "${name}" has ${healthy}/${group.DesiredCanaries} healthy allocations: canaries are promoted once all are healthy`,
        );
      }
    }
    const states = wanted.map(([name, group]) => [name, promoted(group, Date.now())] as const);
    const after = { ...deployment, TaskGroups: { ...deployment.TaskGroups, ...Object.fromEntries(states) } };
    endTrials(tx, deployment, after);
    return { ...after, StatusDescription: "Deployment is running" };
  });
}

export function failDeployment(state: State, id: string): Promise<ChangedDeployment> {
  return change(state, id, "fail", (_tx, deployment) => ({
    ...deployment,
    Status: "failed",
    StatusDescription: "Deployment marked as failed",
  }));
}

export function pauseDeployment(state: State, id: string, isPaused: boolean): Promise<ChangedDeployment> {
  return change(state, id, isPaused ? "pause" : "resume", (_tx, deployment) => ({
    ...deployment,
    Status: isPaused ? "paused" : "running",
    StatusDescription: isPaused ? "Deployment is paused" : "Deployment is running",
  }));
}

/** What people say of the health of allocations, where `health_check = "manual"` leaves it to them. */
export function setHealth(
  state: State,
  id: string,
  healthy: readonly string[],
  unhealthy: readonly string[],
): Promise<ChangedDeployment> {
  return change(state, id, "set the health of allocations of", (tx, deployment) => {
    const now = nanosecondsNow();
    for (const [ids, Healthy] of [
      [healthy, true],
      [unhealthy, false],
    ] as const) {
      for (const each of ids) {
        const allocation = tx.get(allocations, each);
        if (allocation?.DeploymentID !== id)
          throw new RefusedError(`the deployment has no allocation "${each}"`);
        const Canary = allocation.DeploymentStatus?.Canary ?? false;
        const DeploymentStatus = { Healthy, Timestamp: new Date().toISOString(), Canary };
        tx.put(allocations, each, { ...allocation, DeploymentStatus, ModifyTime: now });
      }
    }
    return deployment;
  });
}

async function change(
  state: State,
  id: string,
  verb: string,
  next: (tx: Transaction, deployment: Deployment) => Deployment,
): Promise<ChangedDeployment> {
  const { result, index } = await state.transact((tx) => {
    const deployment = tx.get(deployments, id);
    if (deployment === undefined) throw new RefusedError("deployment not found", "not found");
    if (deployment.Status !== "running" && deployment.Status !== "paused") {
      throw new RefusedError(`can't ${verb} terminal deployment: it is ${deployment.Status}`);
    }
    return putDeployment(state, tx, next(tx, deployment));
  });
  return { ...result, index };
}
