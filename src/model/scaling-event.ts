import type { EvaluationId } from "./id.ts";

/** A change of a group's count, or what an autoscaler had to say. Field names are those of Nomad's API. */
export interface ScalingEvent {
  readonly Time: number;
  readonly Count: number | null;
  readonly PreviousCount: number;
  readonly Message: string;
  readonly Error: boolean;
  readonly Meta: Readonly<Record<string, unknown>>;
  readonly EvalID: EvaluationId | "";
}

export interface ScalingEvents {
  readonly Namespace: string;
  readonly JobID: string;
  /** By group, the newest first. */
  readonly Events: Readonly<Record<string, readonly ScalingEvent[]>>;
}
