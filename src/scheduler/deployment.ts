import type { Deployment, DeploymentState } from "#model/deployment.ts";
import type { AllocationId, DeploymentId } from "#model/id.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { Job } from "#model/job/job.ts";
import { millisecond } from "#model/schema/duration.ts";
import { isLive } from "./fate.ts";
import type { Placement, PlannedDeployment, Situation } from "./plan.ts";

/** What a plan does to a group, as far as its deployment is concerned. */
export interface GroupOutcome {
  readonly name: string;
  readonly place: readonly Placement[];
  readonly inPlace: readonly AllocationId[];
  /** How many instances there shall be when all is done. */
  readonly wanted: number;
  readonly wantsCanaries: boolean;
  /** Whether it changes by the will of the job's author, not because something was lost or has failed. */
  readonly isUpdated: boolean;
}

/** The deployment of the job's newest version, over or not. */
export function currentDeployment({
  job,
  deployment,
}: Pick<Situation, "job" | "deployment">): Deployment | null {
  return deployment !== null &&
    deployment.JobVersion === job.Version &&
    deployment.JobCreateIndex === job.CreateIndex
    ? deployment
    : null;
}

export function isUnderWay(deployment: Deployment | null): deployment is Deployment {
  return deployment?.Status === "running" || deployment?.Status === "paused";
}

/** Whether instances of a group are replaced little by little, and watched. */
export function isWatched({ Type }: Job, { Update }: TaskGroup): boolean {
  return (Type === "service" || Type === "system") && Update !== null && Update.MaxParallel > 0;
}

/** How many old allocations the group's `update` block lets be replaced now. */
export function replaceableNow(situation: Situation, group: TaskGroup): number {
  const { job, allocations } = situation;
  if (!isWatched(job, group)) return Number.POSITIVE_INFINITY;
  const current = currentDeployment(situation);
  if (current !== null && current.Status !== "running") return 0;
  const settling = allocations.filter(
    (allocation) =>
      current !== null &&
      allocation.DeploymentID === current.ID &&
      allocation.TaskGroup === group.Name &&
      isLive(allocation) &&
      allocation.DeploymentStatus?.Healthy !== true,
  );
  return Math.max(0, (group.Update?.MaxParallel ?? 0) - settling.length);
}

/** The deployment that watches over this version of a job, begun with the first change that it brings. */
export function planDeployment(
  situation: Situation,
  outcomes: readonly GroupOutcome[],
): PlannedDeployment | null {
  const { job, newId, now } = situation;
  const known = currentDeployment(situation);
  if (known !== null && known.Status !== "running") return null;
  const watched = job.TaskGroups.filter((group) => isWatched(job, group));
  const outcomeOf = (name: string) => outcomes.find((outcome) => outcome.name === name);
  if (known === null && !watched.some(({ Name }) => outcomeOf(Name)?.isUpdated)) return null;
  const states = watched.map((group): [string, DeploymentState] => {
    const outcome = outcomeOf(group.Name);
    const before = known?.TaskGroups[group.Name] ?? beginning(group, outcome);
    return [group.Name, outcome ? after(before, job, outcome, now) : before];
  });
  return {
    id: known?.ID ?? (newId() as DeploymentId),
    isNew: known === null,
    groups: Object.fromEntries(states),
  };
}

function after(
  before: DeploymentState,
  { Version }: Job,
  { place, inPlace, wanted }: GroupOutcome,
  now: number,
): DeploymentState {
  const placed = place.filter(({ job }) => job.Version === Version);
  const PlacedAllocs = before.PlacedAllocs + placed.length + inPlace.length;
  const canaries = placed.filter(({ isCanary }) => isCanary).map(({ id }) => id);
  const deadline = new Date(now + before.ProgressDeadline / millisecond).toISOString();
  return {
    ...before,
    DesiredTotal: wanted,
    PlacedAllocs,
    PlacedCanaries: [...before.PlacedCanaries, ...canaries],
    RequireProgressBy:
      before.RequireProgressBy ?? (PlacedAllocs > 0 && before.ProgressDeadline > 0 ? deadline : null),
  };
}

function beginning({ Update }: TaskGroup, outcome: GroupOutcome | undefined): DeploymentState {
  return {
    AutoRevert: Update?.AutoRevert ?? false,
    AutoPromote: Update?.AutoPromote ?? false,
    Promoted: false,
    PlacedCanaries: [],
    DesiredCanaries: outcome?.wantsCanaries ? (Update?.Canary ?? 0) : 0,
    DesiredTotal: outcome?.wanted ?? 0,
    PlacedAllocs: 0,
    HealthyAllocs: 0,
    UnhealthyAllocs: 0,
    ProgressDeadline: Update?.ProgressDeadline ?? 0,
    RequireProgressBy: null,
  };
}
