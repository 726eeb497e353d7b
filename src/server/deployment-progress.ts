import { type Allocation, isTerminal } from "#model/allocation.ts";
import type { Deployment, DeploymentState } from "#model/deployment.ts";
import type { AllocationId } from "#model/id.ts";
import type { Job } from "#model/job/job.ts";
import { millisecond } from "#model/schema/duration.ts";
import { rescheduleAt, reschedulePolicyOf } from "#scheduler/reschedule.ts";

export interface Progress {
  readonly deployment: Deployment;
  /** Unhealthy allocations that still run, and are to be replaced now. */
  readonly replace: readonly AllocationId[];
}

export interface DeploymentSituation {
  readonly deployment: Deployment;
  /** The version that it brings. */
  readonly job: Job;
  readonly allocations: readonly Allocation[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Where a deployment stands, given its allocations. A pure function. Its group states count anew; canaries that
 * may be promoted by themselves are; and it ends when every instance is healthy, or when it cannot get there.
 */
export function deploymentProgress({ deployment, job, allocations, now }: DeploymentSituation): Progress {
  if (deployment.Status !== "running") return { deployment, replace: [] };
  const byGroup = Map.groupBy(allocations, ({ TaskGroup }) => TaskGroup);
  const of = (name: string) => byGroup.get(name) ?? [];
  const counted = Object.entries(deployment.TaskGroups).map(
    ([name, state]) => [name, counts(state, of(name), now)] as const,
  );
  const mayPromote = maysPromoteItself(counted.map(([name, state]) => [state, of(name)]));
  const states = counted.map(([name, state]) => [name, mayPromote ? promoted(state, now) : state] as const);
  const groups = states.map(([name, state]) => ({ state, ...unhealthyIn(job, name, of(name), now) }));
  return {
    deployment: {
      ...deployment,
      TaskGroups: Object.fromEntries(states),
      ...outcome(groups, now),
    },
    replace: groups.flatMap(({ due }) => due),
  };
}

function counts(state: DeploymentState, allocations: readonly Allocation[], now: number): DeploymentState {
  const HealthyAllocs = allocations.filter(isHealthy).length;
  return {
    ...state,
    HealthyAllocs,
    UnhealthyAllocs: allocations.filter(({ DeploymentStatus }) => DeploymentStatus?.Healthy === false).length,
    RequireProgressBy: HealthyAllocs > state.HealthyAllocs ? deadline(state, now) : state.RequireProgressBy,
  };
}

function isHealthy({ DeploymentStatus, DesiredStatus, ClientStatus }: Allocation): boolean {
  return DeploymentStatus?.Healthy === true && DesiredStatus === "run" && !isTerminal(ClientStatus);
}

function deadline({ ProgressDeadline, RequireProgressBy }: DeploymentState, now: number): string | null {
  return ProgressDeadline > 0
    ? new Date(now + ProgressDeadline / millisecond).toISOString()
    : RequireProgressBy;
}

export function awaitsPromotion({ DesiredCanaries, Promoted }: DeploymentState): boolean {
  return DesiredCanaries > 0 && !Promoted;
}

/** How many of the canaries that a group wants are not healthy yet. */
export function canariesLacking(state: DeploymentState, allocations: readonly Allocation[]): number {
  const placed = new Set(state.PlacedCanaries);
  return Math.max(
    0,
    state.DesiredCanaries - allocations.filter((each) => placed.has(each.ID) && isHealthy(each)).length,
  );
}

function maysPromoteItself(groups: readonly (readonly [DeploymentState, readonly Allocation[]])[]): boolean {
  const waiting = groups.filter(([state]) => awaitsPromotion(state));
  return (
    waiting.length > 0 &&
    waiting.every(([state, own]) => state.AutoPromote && canariesLacking(state, own) === 0)
  );
}

export function promoted(state: DeploymentState, now: number): DeploymentState {
  return awaitsPromotion(state)
    ? { ...state, Promoted: true, RequireProgressBy: deadline(state, now) }
    : state;
}

/** Of a group's unhealthy allocations: those to be replaced now, and whether one cannot be replaced any more. */
function unhealthyIn(
  job: Job,
  name: string,
  allocations: readonly Allocation[],
  now: number,
): { readonly due: readonly AllocationId[]; readonly isHopeless: boolean } {
  const group = job.TaskGroups.find(({ Name }) => Name === name);
  const unhealthy = allocations.filter(
    ({ DeploymentStatus, NextAllocation, DesiredStatus }) =>
      DeploymentStatus?.Healthy === false && NextAllocation === "" && DesiredStatus === "run",
  );
  const times = unhealthy.map((allocation) => {
    const ofName = allocations.filter(({ Name }) => Name === allocation.Name);
    const failed = ofName.map((each): Allocation => ({ ...each, ClientStatus: failedIf(each) }));
    return { allocation, at: group ? rescheduleAt(reschedulePolicyOf(job, group), failed) : null };
  });
  return {
    due: times.flatMap(({ allocation, at }) =>
      at !== null &&
      at <= now &&
      !isTerminal(allocation.ClientStatus) &&
      !allocation.DesiredTransition.Reschedule
        ? [allocation.ID]
        : [],
    ),
    isHopeless: times.some(({ at }) => at === null),
  };
}

function failedIf({ DeploymentStatus, ClientStatus }: Allocation): Allocation["ClientStatus"] {
  return DeploymentStatus?.Healthy === false ? "failed" : ClientStatus;
}

interface GroupStanding {
  readonly state: DeploymentState;
  readonly isHopeless: boolean;
}

function outcome(
  groups: readonly GroupStanding[],
  now: number,
): Partial<Pick<Deployment, "Status" | "StatusDescription">> {
  const states = groups.map(({ state }) => state);
  if (states.every((state) => state.HealthyAllocs >= state.DesiredTotal && !awaitsPromotion(state))) {
    return { Status: "successful", StatusDescription: "Deployment completed successfully" };
  }
  const failsAtOnce = ({ state, isHopeless }: GroupStanding) =>
    isHopeless || (state.UnhealthyAllocs > 0 && state.ProgressDeadline === 0);
  if (groups.some(failsAtOnce)) {
    return { Status: "failed", StatusDescription: "Failed due to unhealthy allocations" };
  }
  if (states.some((state) => isLate(state, now))) {
    return { Status: "failed", StatusDescription: "Failed due to progress deadline" };
  }
  return { StatusDescription: standing(states) };
}

/** A group that is done, or waits for people, is not late. */
function isLate(state: DeploymentState, now: number): boolean {
  const { RequireProgressBy, HealthyAllocs, DesiredTotal, DesiredCanaries } = state;
  if (RequireProgressBy === null || HealthyAllocs >= DesiredTotal) return false;
  if (awaitsPromotion(state) && HealthyAllocs >= DesiredCanaries) return false;
  return Date.parse(RequireProgressBy) < now;
}

function standing(states: readonly DeploymentState[]): string {
  const waiting = states.filter(awaitsPromotion);
  if (waiting.length === 0) return "Deployment is running";
  return waiting.every(({ AutoPromote }) => AutoPromote)
    ? "Deployment is running pending automatic promotion"
    : "Deployment is running but requires manual promotion";
}
