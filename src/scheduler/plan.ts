import type { AllocatedResources, Allocation } from "#model/allocation.ts";
import type { Deployment, DeploymentState } from "#model/deployment.ts";
import type { AllocationMetric } from "#model/evaluation.ts";
import type { AllocationId, DeploymentId } from "#model/id.ts";
import type { Job } from "#model/job/job.ts";
import type { Node } from "#model/node.ts";
import type { SchedulerConfiguration } from "#model/scheduler-configuration.ts";
import type { Machines } from "./cluster.ts";

/** What a new version of a job means for an allocation of an older one. */
export type Change = "none" | "in place" | "destructive";

/** Everything that a decision is made from. */
export interface Situation {
  readonly job: Job;
  /** The allocations of the job, ended ones among them. */
  readonly allocations: readonly Allocation[];
  /** The newest deployment of the job, over or not. */
  readonly deployment: Deployment | null;
  readonly changeOf: (allocation: Allocation) => Change;
  /** A version of the job that is still known. */
  readonly version: (version: number) => Job | undefined;
  /** Every node with what is taken of it, by any job. */
  readonly machines: Machines;
  readonly configuration: SchedulerConfiguration;
  /** The priority of a job of which something runs. */
  readonly priorityOf: (job: { readonly Namespace: string; readonly JobID: string }) => number;
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
  readonly inPlace: readonly AllocationId[];
  /** Allocations of nodes that are no longer heard of, but may come back. */
  readonly unknown: readonly AllocationId[];
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
  /** Not the newest version where an old one is replaced while canaries are tried. */
  readonly job: Job;
  readonly node: Node;
  readonly resources: AllocatedResources;
  readonly previous: AllocationId | null;
  readonly isCanary: boolean;
  /** Allocations of lower priority that have to give way. */
  readonly preempts: readonly AllocationId[];
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

/** A deployment that the plan begins or goes on with. */
export interface PlannedDeployment {
  readonly id: DeploymentId;
  readonly isNew: boolean;
  readonly groups: Readonly<Record<string, DeploymentState>>;
}
