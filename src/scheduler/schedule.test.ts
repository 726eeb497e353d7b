import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Allocation } from "#model/allocation.ts";
import type { AllocationId, DeploymentId, EvaluationId, NodeId } from "#model/id.ts";
import { canonicalize } from "#model/job/canonicalize.ts";
import type { Job, JobInput } from "#model/job/job.ts";
import type { Node } from "#model/node.ts";
import { holdsResources, usageOf } from "./capacity.ts";
import type { Plan, Situation } from "./plan.ts";
import { schedule } from "./schedule.ts";

const node = (id: string, over: Partial<Node> = {}): Node => ({
  ID: id as NodeId,
  Name: id,
  Datacenter: "dc1",
  NodePool: "default",
  NodeClass: "",
  Address: "10.0.0.1",
  HTTPAddr: "",
  Attributes: { "kernel.name": "linux", "network.bridge": "true" },
  Meta: {},
  Drivers: { exec: { Detected: true, Healthy: true, HealthDescription: "" } },
  NodeResources: {
    Cpu: { CpuShares: 1000 },
    Memory: { MemoryMB: 1000 },
    Disk: { DiskMB: 10_000 },
    MinDynamicPort: 20_000,
    MaxDynamicPort: 20_009,
  },
  ReservedResources: {
    Cpu: { CpuShares: 0 },
    Memory: { MemoryMB: 0 },
    Disk: { DiskMB: 0 },
    MinDynamicPort: 0,
    MaxDynamicPort: 0,
  },
  Status: "ready",
  StatusDescription: "",
  SchedulingEligibility: "eligible",
  Drain: false,
  StatusUpdatedAt: 0,
  ...over,
});

const job = (over: JobInput = {}, group: NonNullable<JobInput["TaskGroups"]>[number] = {}): Job =>
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

const situation = (job: Job, nodes: readonly Node[], allocations: readonly Allocation[] = []): Situation => {
  let ids = 0;
  return {
    job,
    nodes,
    allocations: allocations.filter((allocation) => allocation.JobID === job.ID),
    deployment: null,
    isCurrent: (allocation) => allocation.JobVersion === job.Version,
    allocationsOn: (id) => allocations.filter((allocation) => allocation.NodeID === id),
    now: 1_000_000,
    newId: () => `id-${ids++}`,
    random: () => 0.5,
  };
};

/** What there is after a plan was carried out and every allocation of it runs. */
const carriedOut = (job: Job, plan: Plan, before: readonly Allocation[] = []): Allocation[] => [
  ...before.map((allocation) =>
    plan.stop.some((stop) => stop.id === allocation.ID)
      ? { ...allocation, DesiredStatus: "stop" as const, ClientStatus: "complete" as const }
      : allocation,
  ),
  ...plan.place.map((placement) => ({
    ID: placement.id,
    Namespace: "default",
    EvalID: "" as EvaluationId,
    Name: placement.name,
    NodeID: placement.node.ID,
    NodeName: placement.node.Name,
    JobID: job.ID,
    JobVersion: job.Version,
    JobType: job.Type,
    TaskGroup: placement.group,
    AllocatedResources: placement.resources,
    DesiredStatus: "run" as const,
    DesiredDescription: "",
    DesiredTransition: { Migrate: false, Reschedule: false },
    ClientStatus: "running" as const,
    ClientDescription: "",
    TaskStates: {},
    DeploymentID: "" as DeploymentId,
    DeploymentStatus: { Healthy: true, Timestamp: null, Canary: false },
    NetworkStatus: null,
    PreviousAllocation: placement.previous ?? ("" as const),
    NextAllocation: "" as const,
    FollowupEvalID: "" as const,
    CreateTime: 1,
    ModifyTime: 1,
  })),
];

describe("schedule", () => {
  it("places every instance under a name of its own, and begins a deployment", () => {
    const plan = schedule(situation(job({}, { Count: 3 }), [node("a"), node("b")]));
    assert.deepEqual(
      plan.place.map((placement) => placement.name),
      ["web.app[0]", "web.app[1]", "web.app[2]"],
    );
    assert.equal(plan.deployment?.groups["app"]?.DesiredTotal, 3);
    assert.equal(plan.deployment?.groups["app"]?.PlacedAllocs, 3);
  });

  it("changes nothing when all is as the job says", () => {
    const wanted = job({}, { Count: 2 });
    const running = carriedOut(wanted, schedule(situation(wanted, [node("a")])));
    const plan = schedule(situation(wanted, [node("a")], running));
    assert.deepEqual([plan.place, plan.stop, plan.deployment], [[], [], null]);
    assert.deepEqual(plan.keep, ["id-0", "id-1"] as AllocationId[]);
  });

  it("says for each dimension and constraint why a group cannot be placed", () => {
    const nodes = [
      node("small"),
      node("other", { Attributes: { "kernel.name": "darwin", "network.bridge": "true" } }),
    ];
    const wanted = job(
      { Constraints: [{ LTarget: "${attr.kernel.name}", RTarget: "linux", Operand: "=" }] },
      { Count: 2, Tasks: [{ Name: "main", Driver: "exec", Resources: { CPU: 100, MemoryMB: 4000 } }] },
    );
    const { failed, queued } = schedule(situation(wanted, nodes));
    assert.deepEqual(failed["app"]?.ConstraintFiltered, { "${attr.kernel.name} = linux": 1 });
    assert.deepEqual(failed["app"]?.DimensionExhausted, { memory: 1 });
    assert.deepEqual(queued, { app: 2 });
  });

  it("stops what a smaller count, a removed group or a stopped job no longer wants", () => {
    const wanted = job({}, { Count: 3 });
    const running = carriedOut(wanted, schedule(situation(wanted, [node("a")])));
    const smaller = schedule(situation(job({}, { Count: 1 }), [node("a")], running));
    assert.deepEqual(
      smaller.stop.map((stop) => stop.id),
      ["id-1", "id-2"],
    );
    const renamed = schedule(situation(job({}, { Name: "other" }), [node("a")], running));
    assert.deepEqual([renamed.stop.length, renamed.place.length], [3, 1]);
    const stopped = schedule(situation({ ...wanted, Stop: true }, [node("a")], running));
    assert.deepEqual([stopped.stop.length, stopped.place.length, stopped.deployment], [3, 0, null]);
  });

  it("replaces an old version a few at a time, as the update block says", () => {
    const old = job({}, { Count: 3 });
    const running = carriedOut(old, schedule(situation(old, [node("a")])));
    const plan = schedule(
      situation(job({ Version: 1 }, { Count: 3, Update: { MaxParallel: 2 } }), [node("a")], running),
    );
    assert.deepEqual([plan.place.length, plan.stop.length], [2, 2]);
    assert.deepEqual(
      plan.place.map((placement) => placement.previous),
      plan.stop.map((stop) => stop.id),
    );
  });

  it("gives a static port to a replacement on the only node, but not to two instances", () => {
    const network = { Networks: [{ Mode: "bridge", ReservedPorts: [{ Label: "http", Value: 8080 }] }] };
    const old = job({}, { Count: 2, ...network });
    const first = schedule(situation(old, [node("a")]));
    assert.equal(first.place.length, 1);
    assert.deepEqual(first.failed["app"]?.DimensionExhausted, {
      "network: reserved port collision http=8080": 1,
    });
    const running = carriedOut(old, first);
    const next = schedule(situation(job({ Version: 1 }, { Count: 1, ...network }), [node("a")], running));
    assert.deepEqual([next.place.length, next.stop.length], [1, 1]);
  });

  it("runs a system job once on every node that can", () => {
    const nodes = [node("a"), node("b"), node("c", { Drivers: {} })];
    const plan = schedule(situation(job({ Type: "system" }), nodes));
    assert.deepEqual(
      plan.place.map((placement) => placement.node.Name),
      ["a", "b"],
    );
    assert.deepEqual(plan.failed, {});
  });

  it("replaces a failed allocation when its policy says, not before, and not for ever", () => {
    const policy = { Attempts: 1, Interval: 60e9, Delay: 30e9, DelayFunction: "constant", Unlimited: false };
    const wanted = job({}, { ReschedulePolicy: policy });
    const failedAt = (time: number) => ({
      main: {
        State: "dead" as const,
        Failed: true,
        Restarts: 0,
        LastRestart: null,
        StartedAt: null,
        FinishedAt: new Date(time).toISOString(),
        Events: [],
      },
    });
    const failed = (id: string, time: number): Allocation[] =>
      carriedOut(wanted, schedule(situation(wanted, [node("a")]))).map((allocation) => ({
        ...allocation,
        ID: id as AllocationId,
        ClientStatus: "failed",
        TaskStates: failedAt(time),
      }));
    const early = schedule(situation(wanted, [node("a")], failed("x", 980_000)));
    assert.deepEqual([early.place.length, early.again], [0, 1_010_000]);
    const due = schedule(situation(wanted, [node("a")], failed("x", 960_000)));
    assert.deepEqual([due.place[0]?.previous, due.again], ["x" as AllocationId, null]);
    const often = schedule(
      situation(wanted, [node("a")], [...failed("x", 950_000), ...failed("y", 960_000)]),
    );
    assert.deepEqual([often.place.length, often.again], [0, null]);
  });

  it("never overfills a node, never gives a port twice, and is steady", () => {
    const sizes = fc.record({
      count: fc.integer({ min: 0, max: 6 }),
      cpu: fc.integer({ min: 1, max: 600 }),
      memory: fc.integer({ min: 10, max: 600 }),
      ports: fc.integer({ min: 0, max: 4 }),
    });
    const jobs = fc.array(sizes, { minLength: 1, maxLength: 5 });
    const nodes = fc
      .integer({ min: 0, max: 3 })
      .map((n) => Array.from({ length: n }, (_, i) => node(`n${i}`)));
    fc.assert(
      fc.property(jobs, nodes, fc.double({ min: 0, max: 0.999, noNaN: true }), (sizes, machines, seed) => {
        let all: Allocation[] = [];
        sizes.forEach(({ count, cpu, memory, ports }, index) => {
          const wanted = job(
            { ID: `job-${index}` },
            {
              Count: count,
              Tasks: [{ Name: "main", Driver: "exec", Resources: { CPU: cpu, MemoryMB: memory } }],
              Networks: [{ DynamicPorts: Array.from({ length: ports }, (_, i) => ({ Label: `p${i}` })) }],
            },
          );
          const now = { ...situation(wanted, machines, all), random: () => seed };
          const plan = schedule({ ...now, newId: () => `${index}-${all.length}-${Math.random()}` });
          assert.equal(plan.place.length + (plan.queued["app"] ?? 0), count);
          all = carriedOut(wanted, plan, all);
          const again = schedule(situation(wanted, machines, all));
          assert.deepEqual([again.place, again.stop], [[], []]);
        });
        for (const { ID, NodeResources } of machines) {
          const here = all.filter((allocation) => allocation.NodeID === ID && holdsResources(allocation));
          const used = usageOf(here.map((allocation) => allocation.AllocatedResources));
          assert.ok(used.cpu <= NodeResources.Cpu.CpuShares && used.memory <= NodeResources.Memory.MemoryMB);
          const given = here.flatMap((allocation) => allocation.AllocatedResources.Shared.Ports);
          assert.equal(used.ports.size, given.length);
        }
      }),
      { numRuns: 300 },
    );
  });
});
