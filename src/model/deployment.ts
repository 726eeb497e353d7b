import type { AllocationId, DeploymentId } from "./id.ts";

/** The way from one version of a job to the next. Field names are those of Nomad's API. */
export interface Deployment {
  readonly ID: DeploymentId;
  readonly Namespace: string;
  readonly JobID: string;
  readonly JobVersion: number;
  readonly JobCreateIndex: number;
  readonly JobModifyIndex: number;
  readonly TaskGroups: Readonly<Record<string, DeploymentState>>;
  readonly Status: DeploymentStatus;
  readonly StatusDescription: string;
  readonly CreateTime: number;
  readonly ModifyTime: number;
}

export type DeploymentStatus = "running" | "paused" | "successful" | "failed" | "cancelled";

export interface DeploymentState {
  readonly AutoRevert: boolean;
  readonly AutoPromote: boolean;
  readonly Promoted: boolean;
  readonly PlacedCanaries: readonly AllocationId[];
  readonly DesiredCanaries: number;
  readonly DesiredTotal: number;
  readonly PlacedAllocs: number;
  readonly HealthyAllocs: number;
  readonly UnhealthyAllocs: number;
  /** Nanoseconds. */
  readonly ProgressDeadline: number;
  /** RFC 3339; when the deployment fails without further progress. Null while nothing is placed. */
  readonly RequireProgressBy: string | null;
}
