import type { Allocation } from "#model/allocation.ts";
import type { Deployment, DeploymentState } from "#model/deployment.ts";

/**
 * Where a deployment stands, given its allocations. A pure function; `now` is milliseconds since 1970.
 * Its group states count anew, and it ends when every instance is healthy, when one is not, or when nothing
 * has become healthy for too long.
 */
export function deploymentProgress(
  deployment: Deployment,
  ofIt: readonly Allocation[],
  now: number,
): Deployment {
  if (deployment.Status !== "running") return deployment;
  const groups = Object.fromEntries(
    Object.entries(deployment.TaskGroups).map(([name, state]) => [
      name,
      groupProgress(
        state,
        ofIt.filter((allocation) => allocation.TaskGroup === name),
        now,
      ),
    ]),
  );
  return { ...deployment, TaskGroups: groups, ...outcome(Object.values(groups), now) };
}

function groupProgress(
  state: DeploymentState,
  allocations: readonly Allocation[],
  now: number,
): DeploymentState {
  const count = (healthy: boolean) =>
    allocations.filter((allocation) => allocation.DeploymentStatus?.Healthy === healthy).length;
  const HealthyAllocs = count(true);
  const deadline = new Date(now + state.ProgressDeadline / 1e6).toISOString();
  return {
    ...state,
    HealthyAllocs,
    UnhealthyAllocs: count(false),
    RequireProgressBy:
      HealthyAllocs > state.HealthyAllocs && state.ProgressDeadline > 0 ? deadline : state.RequireProgressBy,
  };
}

function outcome(
  groups: readonly DeploymentState[],
  now: number,
): Partial<Pick<Deployment, "Status" | "StatusDescription">> {
  if (groups.every((group) => group.HealthyAllocs >= group.DesiredTotal)) {
    return { Status: "successful", StatusDescription: "Deployment completed successfully" };
  }
  if (groups.some((group) => group.UnhealthyAllocs > 0)) {
    return { Status: "failed", StatusDescription: "Failed due to unhealthy allocations" };
  }
  if (groups.some((group) => group.RequireProgressBy !== null && Date.parse(group.RequireProgressBy) < now)) {
    return { Status: "failed", StatusDescription: "Failed due to progress deadline" };
  }
  return {};
}
