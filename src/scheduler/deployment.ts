import type { Allocation } from "#model/allocation.ts";
import type { DeploymentState } from "#model/deployment.ts";
import type { DeploymentId } from "#model/id.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { GroupDecision, PlannedDeployment, Situation } from "./plan.ts";
import type { GroupChanges } from "./reconcile.ts";

/** Those old allocations that the group's `update` block lets be replaced now. */
export function replaceableNow(
  { deployment, job, allocations }: Situation,
  { Name, Update }: TaskGroup,
  { replace }: GroupChanges,
): readonly Allocation[] {
  if (job.Type !== "service" || Update === null || Update.MaxParallel === 0) return replace;
  const current = deployment !== null && deployment.JobVersion === job.Version ? deployment : null;
  if (current !== null && current.Status !== "running") return [];
  const settling = allocations.filter(
    (allocation) =>
      current !== null &&
      allocation.DeploymentID === current.ID &&
      allocation.TaskGroup === Name &&
      allocation.DesiredStatus === "run" &&
      allocation.DeploymentStatus?.Healthy !== true,
  );
  return replace.slice(0, Math.max(0, Update.MaxParallel - settling.length));
}

/** The deployment that watches over this version of a service job, begun with its first placement. */
export function planDeployment(
  { job, deployment, newId }: Situation,
  groups: readonly GroupDecision[],
): PlannedDeployment | null {
  if (job.Type !== "service") return null;
  const watched = job.TaskGroups.filter((group) => group.Update !== null && group.Update.MaxParallel > 0);
  const placed = (name: string) => groups.find((group) => group.name === name)?.place.length ?? 0;
  const known = deployment !== null && deployment.JobVersion === job.Version ? deployment : null;
  if (known !== null && known.Status !== "running") return null;
  if (!watched.some((group) => placed(group.Name) > 0) && known === null) return null;
  const states = watched.map((group): [string, DeploymentState] => {
    const before = known?.TaskGroups[group.Name] ?? beginning(group);
    return [group.Name, { ...before, PlacedAllocs: before.PlacedAllocs + placed(group.Name) }];
  });
  return {
    id: known?.ID ?? (newId() as DeploymentId),
    isNew: known === null,
    groups: Object.fromEntries(states),
  };
}

function beginning({ Count, Update }: TaskGroup): DeploymentState {
  return {
    AutoRevert: Update?.AutoRevert ?? false,
    AutoPromote: Update?.AutoPromote ?? false,
    Promoted: false,
    PlacedCanaries: [],
    DesiredCanaries: 0,
    DesiredTotal: Count,
    PlacedAllocs: 0,
    HealthyAllocs: 0,
    UnhealthyAllocs: 0,
    ProgressDeadline: Update?.ProgressDeadline ?? 0,
    RequireProgressBy: null,
  };
}
