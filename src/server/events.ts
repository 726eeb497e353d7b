import { services } from "#mesh/tables.ts";
import type { Allocation } from "#model/allocation.ts";
import type { ServiceInstance } from "#model/catalog.ts";
import type { Deployment } from "#model/deployment.ts";
import type { Evaluation } from "#model/evaluation.ts";
import type { Job } from "#model/job/job.ts";
import type { Node } from "#model/node.ts";
import type { StateChange } from "#state/state.ts";
import type { Table } from "#state/table.ts";
import type { RowChange } from "#state/table-rows.ts";
import { allocations, deployments, evaluations, jobs, nodes } from "./tables.ts";

/** Something that has happened, as Nomad's event stream tells it. */
export interface ClusterEvent {
  readonly Topic: string;
  readonly Type: string;
  readonly Key: string;
  readonly Namespace: string;
  /** Further names under which it may be asked for. */
  readonly FilterKeys: readonly string[];
  readonly Index: number;
  readonly Payload: object;
}

/** How the changes of one table are told. */
interface Source<Value extends object> {
  readonly table: Table<Value>;
  event(change: RowChange<Value>): Omit<ClusterEvent, "Index"> | null;
}

function source<Value extends object>(
  table: Table<Value>,
  event: (value: Value, change: RowChange<Value>) => Omit<ClusterEvent, "Index">,
): Source<object> {
  const told: Source<Value> = {
    table,
    event: (change) => {
      const value = change.after ?? change.before;
      return value === null ? null : event(value, change);
    },
  };
  return told as unknown as Source<object>;
}

const SOURCES: readonly Source<object>[] = [
  source<Job>(jobs, (job, { after }) => ({
    Topic: "Job",
    Type: after === null || after.Stop ? "JobDeregistered" : "JobRegistered",
    Key: job.ID,
    Namespace: job.Namespace,
    FilterKeys: job.ParentID === "" ? [] : [job.ParentID],
    Payload: { Job: job },
  })),
  source<Evaluation>(evaluations, (evaluation) => ({
    Topic: "Evaluation",
    Type: "EvaluationUpdated",
    Key: evaluation.ID,
    Namespace: evaluation.Namespace,
    FilterKeys: [evaluation.JobID, evaluation.DeploymentID].filter((key) => key !== ""),
    Payload: { Evaluation: evaluation },
  })),
  source<Allocation>(allocations, (allocation, { before, after }) => ({
    Topic: "Allocation",
    Type: allocationEvent(before, after),
    Key: allocation.ID,
    Namespace: allocation.Namespace,
    FilterKeys: [allocation.JobID, allocation.DeploymentID].filter((key) => key !== ""),
    Payload: { Allocation: allocation },
  })),
  source<Deployment>(deployments, (deployment, { before, after }) => ({
    Topic: "Deployment",
    Type: deploymentEvent(before, after),
    Key: deployment.ID,
    Namespace: deployment.Namespace,
    FilterKeys: [deployment.JobID],
    Payload: { Deployment: deployment },
  })),
  source<Node>(nodes, (node, { before, after }) => ({
    Topic: "Node",
    Type: nodeEvent(before, after),
    Key: node.ID,
    Namespace: "",
    FilterKeys: [],
    Payload: { Node: node },
  })),
  source<ServiceInstance>(services, (service, { after }) => ({
    Topic: "Service",
    Type: after === null ? "ServiceDeregistration" : "ServiceRegistration",
    Key: service.ID,
    Namespace: service.Namespace,
    FilterKeys: [service.Service, service.JobID].filter((key) => key !== ""),
    Payload: { Service: service },
  })),
];

function allocationEvent(before: Allocation | null, after: Allocation | null): string {
  if (before === null) return "PlanResult";
  return after !== null && before.DesiredStatus !== after.DesiredStatus
    ? "AllocationUpdateDesiredStatus"
    : "AllocationUpdated";
}

function deploymentEvent(before: Deployment | null, after: Deployment | null): string {
  if (before === null) return "PlanResult";
  const promotions = (deployment: Deployment | null) =>
    Object.values(deployment?.TaskGroups ?? {}).filter(({ Promoted }) => Promoted).length;
  if (promotions(after) > promotions(before)) return "DeploymentPromotion";
  return after?.Status === before.Status ? "DeploymentAllocHealth" : "DeploymentStatusUpdate";
}

function nodeEvent(before: Node | null, after: Node | null): string {
  if (after === null) return "NodeDeregistration";
  if (before === null) return "NodeRegistration";
  if (before.Drain !== after.Drain) return "NodeDrain";
  return before.SchedulingEligibility === after.SchedulingEligibility ? "NodeEvent" : "NodeEligibility";
}

/** Topic to the keys that are asked for; `*` stands for all. */
export type Topics = ReadonlyMap<string, ReadonlySet<string>>;

/** What a commit means to someone who asks for some topics. */
export function eventsOf({ revision, changes }: StateChange, topics: Topics): ClusterEvent[] {
  return SOURCES.flatMap(({ table, event }) =>
    (changes.get(table.name) ?? []).flatMap((change) => {
      const told = event(change);
      return told !== null && isAsked(told, topics) ? [{ ...told, Index: revision }] : [];
    }),
  );
}

function isAsked({ Topic, Key, FilterKeys }: Omit<ClusterEvent, "Index">, topics: Topics): boolean {
  const keys = topics.get(Topic) ?? topics.get("*");
  return keys !== undefined && (keys.has("*") || [Key, ...FilterKeys].some((key) => keys.has(key)));
}
