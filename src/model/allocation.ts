import type { AllocationId, DeploymentId, EvaluationId, NodeId } from "./id.ts";
import type { NetworkResource } from "./job/network.ts";

/**
 * One instance of a task group on one node. Field names are those of Nomad's API; the job itself is kept
 * apart, by its id and version, and joined when an allocation is shown or handed to its node.
 */
export interface Allocation {
  readonly ID: AllocationId;
  readonly Namespace: string;
  readonly EvalID: EvaluationId;
  /** `job.group[index]` */
  readonly Name: string;
  readonly NodeID: NodeId;
  readonly NodeName: string;
  readonly JobID: string;
  readonly JobVersion: number;
  readonly JobType: string;
  readonly TaskGroup: string;
  readonly AllocatedResources: AllocatedResources;
  readonly DesiredStatus: "run" | "stop" | "evict";
  readonly DesiredDescription: string;
  readonly DesiredTransition: { readonly Migrate: boolean; readonly Reschedule: boolean };
  readonly ClientStatus: ClientStatus;
  readonly ClientDescription: string;
  readonly TaskStates: Readonly<Record<string, TaskState>>;
  readonly DeploymentID: DeploymentId | "";
  readonly DeploymentStatus: AllocationDeploymentStatus | null;
  readonly NetworkStatus: NetworkStatus | null;
  readonly PreviousAllocation: AllocationId | "";
  readonly NextAllocation: AllocationId | "";
  readonly FollowupEvalID: EvaluationId | "";
  /** The allocation of a job of higher priority that it had to give way to. */
  readonly PreemptedByAllocation: AllocationId | "";
  /** Nanoseconds since 1970, as in Nomad's API. */
  readonly CreateTime: number;
  readonly ModifyTime: number;
}

export type ClientStatus = "pending" | "running" | "complete" | "failed" | "lost" | "unknown";

export function isTerminal(status: ClientStatus): boolean {
  return status === "complete" || status === "failed" || status === "lost";
}

export interface AllocatedResources {
  readonly Tasks: Readonly<Record<string, AllocatedTaskResources>>;
  readonly Shared: {
    readonly DiskMB: number;
    readonly Networks: readonly NetworkResource[];
    readonly Ports: readonly AllocatedPort[];
  };
}

export interface AllocatedTaskResources {
  /** `ReservedCores`: the numbers of those that the task has for itself; null when it shares all others. */
  readonly Cpu: { readonly CpuShares: number; readonly ReservedCores: readonly number[] | null };
  readonly Memory: { readonly MemoryMB: number; readonly MemoryMaxMB: number };
}

/** A port of the node that belongs to the allocation, and the port inside its namespace that it leads to. */
export interface AllocatedPort {
  readonly Label: string;
  readonly Value: number;
  readonly To: number;
  readonly HostIP: string;
}

export interface TaskState {
  readonly State: "pending" | "running" | "dead";
  readonly Failed: boolean;
  readonly Restarts: number;
  /** RFC 3339; null before the first. */
  readonly LastRestart: string | null;
  readonly StartedAt: string | null;
  readonly FinishedAt: string | null;
  readonly Events: readonly TaskEvent[];
}

export interface TaskEvent {
  readonly Type: string;
  /** Nanoseconds since 1970. */
  readonly Time: number;
  readonly DisplayMessage: string;
  readonly Details: Readonly<Record<string, string>>;
}

export interface AllocationDeploymentStatus {
  readonly Healthy: boolean | null;
  readonly Timestamp: string | null;
  readonly Canary: boolean;
}

export interface NetworkStatus {
  readonly InterfaceName: string;
  readonly Address: string;
}

/** What a node says of an allocation that it runs. */
export interface AllocationUpdate {
  readonly ID: AllocationId;
  readonly ClientStatus: ClientStatus;
  readonly ClientDescription: string;
  readonly TaskStates: Readonly<Record<string, TaskState>>;
  /** In the deployment that is named beside it; null while it is not known. */
  readonly DeploymentHealthy: boolean | null;
  readonly DeploymentID: DeploymentId | "";
  readonly NetworkStatus: NetworkStatus | null;
}
