import type { Allocation } from "../../src/model/allocation.ts";
import type { Deployment } from "../../src/model/deployment.ts";
import type { EvaluationId, NodeId } from "../../src/model/id.ts";
import { canonicalize } from "../../src/model/job/canonicalize.ts";
import type { Job, JobInput } from "../../src/model/job/job.ts";
import type { Node } from "../../src/model/node.ts";
import { schedulerConfiguration } from "../../src/model/scheduler-configuration.ts";
import { canonical } from "../../src/model/schema/canonical.ts";
import { Cluster } from "../../src/scheduler/cluster.ts";
import type { Placement, Plan, Situation } from "../../src/scheduler/plan.ts";
import { schedule } from "../../src/scheduler/schedule.ts";

export const node = (id: string, over: Partial<Node> = {}): Node => ({
  ID: id as NodeId,
  Name: id,
  Datacenter: "dc1",
  NodePool: "default",
  NodeClass: "",
  Address: "10.0.0.1",
  HTTPAddr: "",
  HostNetworks: {},
  HostVolumes: {},
  Attributes: { "kernel.name": "linux", "network.bridge": "true" },
  Meta: {},
  Drivers: { exec: { Detected: true, Healthy: true, HealthDescription: "" } },
  NodeResources: {
    Cpu: { CpuShares: 1000, TotalCpuCores: 2, ReservableCpuCores: [0, 1] },
    Memory: { MemoryMB: 1000 },
    Disk: { DiskMB: 10_000 },
    MinDynamicPort: 20_000,
    MaxDynamicPort: 20_009,
  },
  ReservedResources: {
    Cpu: { CpuShares: 0, TotalCpuCores: 0, ReservableCpuCores: [] },
    Memory: { MemoryMB: 0 },
    Disk: { DiskMB: 0 },
    MinDynamicPort: 0,
    MaxDynamicPort: 0,
  },
  Status: "ready",
  StatusDescription: "",
  SchedulingEligibility: "eligible",
  Drain: false,
  DrainStrategy: null,
  LastDrain: null,
  StatusUpdatedAt: 0,
  ...over,
});

export type GroupInput = Partial<NonNullable<JobInput["TaskGroups"]>[number]>;

/** One group "app" with one small task, unless told otherwise. */
export const job = (over: JobInput = {}, group: GroupInput = {}): Job =>
  canonicalize({
    ID: "web",
    Version: 0,
    TaskGroups: [
      {
        Name: "app",
        Tasks: [{ Name: "main", Driver: "exec", Resources: { CPU: 100, MemoryMB: 100 } }],
        ...group,
      },
    ],
    ...over,
  });

/** A cluster in memory, on which plans are carried out at once. */
export class TestCluster {
  nodes: readonly Node[];
  allocations: readonly Allocation[] = [];
  deployment: Deployment | null = null;
  configuration = canonical(schedulerConfiguration, {});
  /** Milliseconds since 1970. */
  now = 1_000_000;
  random = () => 0.5;
  readonly #versions = new Map<string, Job>();
  #ids = 0;

  constructor(nodes: readonly Node[]) {
    this.nodes = nodes;
  }

  situation(job: Job): Situation {
    this.#versions.set(`${job.ID} ${job.Version}`, job);
    const version = (number: number) => this.#versions.get(`${job.ID} ${number}`);
    return {
      job,
      version,
      allocations: this.allocations.filter((allocation) => allocation.JobID === job.ID),
      deployment: this.deployment?.JobID === job.ID ? this.deployment : null,
      changeOf: ({ JobVersion, TaskGroup }) => {
        if (JobVersion === job.Version) return "none";
        const tasks = (of: Job | undefined) =>
          JSON.stringify(of?.TaskGroups.find(({ Name }) => Name === TaskGroup)?.Tasks);
        return tasks(version(JobVersion)) === tasks(job) ? "in place" : "destructive";
      },
      machines: Cluster.of(this.nodes, this.allocations),
      configuration: this.configuration,
      priorityOf: ({ JobID }) => this.#versions.values().find(({ ID }) => ID === JobID)?.Priority ?? 0,
      now: this.now,
      newId: () => `id-${this.#ids++}`,
      random: this.random,
    };
  }

  plan(job: Job): Plan {
    return schedule(this.situation(job));
  }

  /** Carries out what the job wants; what is placed runs and is healthy, what is stopped has ended. */
  run(job: Job): Plan {
    const plan = this.plan(job);
    const stopped = new Map(plan.stop.map((stop) => [stop.id, stop]));
    const evicted = new Set(plan.place.flatMap(({ preempts }) => preempts));
    this.now += 1;
    this.allocations = [
      ...this.allocations.map((allocation): Allocation => {
        const stop = stopped.get(allocation.ID);
        const next = plan.place.find(({ previous }) => previous === allocation.ID)?.id;
        return {
          ...allocation,
          ...(next ? { NextAllocation: next } : {}),
          ...(plan.inPlace.includes(allocation.ID)
            ? { JobVersion: job.Version, DeploymentID: plan.deployment?.id ?? allocation.DeploymentID }
            : {}),
          ...(plan.unknown.includes(allocation.ID) ? { ClientStatus: "unknown" } : {}),
          ...(evicted.has(allocation.ID) ? { DesiredStatus: "evict", ClientStatus: "complete" } : {}),
          ...(stop ? { DesiredStatus: "stop", ClientStatus: ended(allocation, stop.lost) } : {}),
        };
      }),
      ...plan.place.map((placement) => this.#allocation(placement, plan)),
    ];
    if (plan.deployment) this.#deploy(job, plan.deployment);
    return plan;
  }

  change(id: string, over: Partial<Allocation>): void {
    this.allocations = this.allocations.map((each) => (each.ID === id ? { ...each, ...over } : each));
  }

  changeNode(id: string, over: Partial<Node>): void {
    this.nodes = this.nodes.map((each) => (each.ID === id ? { ...each, ...over } : each));
  }

  /** Those that shall run and do. */
  live(): Allocation[] {
    return this.allocations.filter(
      ({ DesiredStatus, ClientStatus }) => DesiredStatus === "run" && ClientStatus === "running",
    );
  }

  #deploy(job: Job, { id, groups }: NonNullable<Plan["deployment"]>): void {
    this.deployment = {
      ID: id,
      Namespace: "default",
      JobID: job.ID,
      JobVersion: job.Version,
      JobCreateIndex: job.CreateIndex,
      JobModifyIndex: 0,
      TaskGroups: groups,
      Status: "running",
      StatusDescription: "",
      CreateTime: 1,
      ModifyTime: 1,
    };
  }

  #allocation(
    { id, name, node, group, job, resources, previous, isCanary }: Placement,
    plan: Plan,
  ): Allocation {
    return {
      ID: id,
      Namespace: "default",
      EvalID: "" as EvaluationId,
      Name: name,
      NodeID: node.ID,
      NodeName: node.Name,
      JobID: job.ID,
      JobVersion: job.Version,
      JobType: job.Type,
      TaskGroup: group,
      AllocatedResources: resources,
      DesiredStatus: "run",
      DesiredDescription: "",
      DesiredTransition: { Migrate: false, Reschedule: false },
      ClientStatus: "running",
      ClientDescription: "",
      TaskStates: {},
      DeploymentID: plan.deployment?.id ?? "",
      DeploymentStatus: { Healthy: true, Timestamp: null, Canary: isCanary },
      NetworkStatus: null,
      PreviousAllocation: previous ?? "",
      NextAllocation: "",
      FollowupEvalID: "",
      PreemptedByAllocation: "",
      CreateTime: this.now * 1e6,
      ModifyTime: this.now * 1e6,
    };
  }
}

function ended({ ClientStatus }: Allocation, lost: boolean): Allocation["ClientStatus"] {
  if (lost) return "lost";
  return ClientStatus === "failed" ? "failed" : "complete";
}
