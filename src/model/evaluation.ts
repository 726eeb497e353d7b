import type { DeploymentId, EvaluationId, NodeId } from "./id.ts";

/** A request to bring what runs in line with what a job says. Field names are those of Nomad's API. */
export interface Evaluation {
  readonly ID: EvaluationId;
  readonly Namespace: string;
  readonly Priority: number;
  readonly Type: string;
  readonly TriggeredBy: EvaluationTrigger;
  readonly JobID: string;
  readonly JobModifyIndex: number;
  readonly NodeID: NodeId | "";
  readonly DeploymentID: DeploymentId | "";
  readonly Status: "blocked" | "pending" | "complete" | "failed" | "canceled";
  readonly StatusDescription: string;
  /** Nanoseconds since 1970; 0 for at once. */
  readonly WaitUntil: number;
  readonly PreviousEval: EvaluationId | "";
  readonly BlockedEval: EvaluationId | "";
  /** By task group: what stands in the way of its placement. */
  readonly FailedTGAllocs: Readonly<Record<string, AllocationMetric>>;
  readonly QueuedAllocations: Readonly<Record<string, number>>;
  readonly CreateTime: number;
  readonly ModifyTime: number;
}

export type EvaluationTrigger =
  | "job-register"
  | "job-deregister"
  | "job-scaling"
  | "periodic-job"
  | "node-update"
  | "node-drain"
  | "alloc-failure"
  | "alloc-stop"
  | "deployment-watcher"
  | "queued-allocs"
  | "max-disconnect-timeout"
  | "reconnect"
  | "preemption";

/** What was found when a group was to be placed, and why nodes were left out. */
export interface AllocationMetric {
  readonly NodesEvaluated: number;
  readonly NodesFiltered: number;
  readonly NodesInPool: number;
  /** By datacenter: nodes that are ready and in the job's pool. */
  readonly NodesAvailable: Readonly<Record<string, number>>;
  /** Class to the number of its nodes that a constraint left out. */
  readonly ClassFiltered: Readonly<Record<string, number>>;
  /** Constraint, in words, to the number of nodes that it left out. */
  readonly ConstraintFiltered: Readonly<Record<string, number>>;
  readonly NodesExhausted: number;
  readonly ClassExhausted: Readonly<Record<string, number>>;
  /** Dimension (`cpu`, `memory`, `network: port 8080 …`) to the number of nodes without room in it. */
  readonly DimensionExhausted: Readonly<Record<string, number>>;
  /** How many further instances failed for the same reasons. */
  readonly CoalescedFailures: number;
  /** Yurt's own: node by node what stands in the way, of the first nodes. */
  readonly Obstacles: readonly Obstacle[];
}

export interface Obstacle {
  readonly Node: string;
  readonly Reason: string;
}
