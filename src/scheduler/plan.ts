import type { AllocatedResources, Allocation } from "#model/allocation.ts";
import type { Deployment, DeploymentState } from "#model/deployment.ts";
import type { AllocationMetric } from "#model/evaluation.ts";
import type { AllocationId, DeploymentId, NodeId } from "#model/id.ts";
import type { Job } from "#model/job/job.ts";
import type { Node } from "#model/node.ts";

/** Everything that a decision is made from. */
export interface Situation {
  readonly job: Job;
  /** The allocations of the job, ended ones among them. */
  readonly allocations: readonly Allocation[];
  /** The newest deployment of the job, over or not. */
  readonly deployment: Deployment | null;
  /** Whether an allocation runs what its group says in `job`; false for one that must be replaced. */
  readonly isCurrent: (allocation: Allocation) => boolean;
  readonly nodes: readonly Node[];
  /** Every allocation on a node, of any job. */
  readonly allocationsOn: (node: NodeId) => readonly Allocation[];
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly newId: () => string;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

/** What is to change so that what runs is what the job says. */
export interface Plan {
  readonly place: readonly Placement[];
  readonly stop: readonly Stop[];
  /** Allocations that go on as they are under the new version of the job. */
  readonly keep: readonly AllocationId[];
  readonly deployment: PlannedDeployment | null;
  /** By task group that could not be placed whole: why. */
  readonly failed: Readonly<Record<string, AllocationMetric>>;
  /** By task group: how many instances go which way. */
  readonly updates: Readonly<Record<string, DesiredUpdates>>;
  /** How many instances of each group wait for room. */
  readonly queued: Readonly<Record<string, number>>;
  /** When to look again, for what must wait until then. Milliseconds since 1970. */
  readonly again: number | null;
}

export interface Placement {
  readonly id: AllocationId;
  readonly name: string;
  readonly group: string;
  readonly node: Node;
  readonly resources: AllocatedResources;
  readonly previous: AllocationId | null;
}

export interface Stop {
  readonly id: AllocationId;
  readonly reason: string;
  /** The node is gone, and nobody will report how the allocation ended. */
  readonly lost: boolean;
}

/** How many instances of a group go which way. Field names are those of Nomad's API. */
export interface DesiredUpdates {
  readonly Ignore: number;
  readonly Place: number;
  readonly Migrate: number;
  readonly Stop: number;
  readonly InPlaceUpdate: number;
  readonly DestructiveUpdate: number;
  readonly Canary: number;
  readonly Preemptions: number;
}

/** The part of a plan that concerns one task group. */
export interface GroupDecision {
  readonly updates: DesiredUpdates;
  readonly name: string;
  readonly place: readonly Placement[];
  readonly stop: readonly Stop[];
  readonly keep: readonly AllocationId[];
  readonly failed: AllocationMetric | null;
  readonly again: number | null;
}

/** A deployment that the plan begins or goes on with. */
export interface PlannedDeployment {
  readonly id: DeploymentId;
  readonly isNew: boolean;
  readonly groups: Readonly<Record<string, DeploymentState>>;
}
