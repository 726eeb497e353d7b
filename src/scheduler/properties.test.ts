import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Allocation } from "#model/allocation.ts";
import type { Job } from "#model/job/job.ts";
import type { Node } from "#model/node.ts";
import { job, node, TestCluster } from "../../test/support/cluster.ts";
import { isDistinct, meets, resolve } from "./constraint.ts";
import { couldRun } from "./could-run.ts";
import { capacityOf, coresOf, DIMENSIONS, holdsResources, Usage } from "./usage.ts";

/** RUNS=100000 in the environment for the whole proof. */
const RUNS = Number(process.env["RUNS"] ?? 2000);

const RACK = "${meta.rack}";

const nodes = fc.array(
  fc.record({
    rack: fc.constantFrom("r1", "r2"),
    cpu: fc.constantFrom(300, 1000),
    cores: fc.constantFrom([], [0, 1], [1, 3, 4]),
    memory: fc.constantFrom(500, 1000),
    isEligible: fc.boolean(),
  }),
  { maxLength: 4 },
);

const step = fc.record({
  id: fc.constantFrom("a", "b"),
  type: fc.constantFrom("service", "service", "batch", "system"),
  priority: fc.constantFrom(10, 50, 90),
  count: fc.nat(5),
  cpu: fc.constantFrom(50, 200, 400),
  memory: fc.constantFrom(50, 300),
  cores: fc.constantFrom(0, 0, 1, 2),
  fixed: fc.boolean(),
  dynamic: fc.nat(4),
  constraint: fc.constantFrom("none", "rack", "hosts", "property"),
  isSpread: fc.boolean(),
  parallel: fc.nat(3),
  canary: fc.nat(2),
  /** What happens to the cluster before it. */
  event: fc.constantFrom("nothing", "node down", "node back", "fail", "migrate", "drain"),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const constraints: Readonly<Record<Step["constraint"], NonNullable<Job["Constraints"]>>> = {
  none: [],
  rack: [{ LTarget: RACK, RTarget: "r1", Operand: "=" }],
  hosts: [{ LTarget: "", RTarget: "", Operand: "distinct_hosts" }],
  property: [{ LTarget: RACK, RTarget: "2", Operand: "distinct_property" }],
};

function jobOf(step: Step, Version: number): Job {
  const { id, type, count, cpu, cores, memory, fixed, dynamic, constraint, isSpread, priority } = step;
  const isSystem = type === "system";
  return job(
    { ID: id, Type: type, Version, Priority: priority, Constraints: constraints[constraint] },
    {
      Count: isSystem ? Math.min(1, count) : count,
      Tasks: [
        {
          Name: "main",
          Driver: "exec",
          Resources: { ...(cores > 0 ? { Cores: cores } : { CPU: cpu }), MemoryMB: memory },
        },
        { Name: "other", Driver: "exec", Resources: { CPU: 1, MemoryMB: 10 } },
      ],
      Networks: [
        {
          ReservedPorts: fixed ? [{ Label: "fixed", Value: 20_001 }] : [],
          DynamicPorts: Array.from({ length: dynamic }, (_, i) => ({ Label: `p${i}` })),
        },
      ],
      Spreads: isSpread && !isSystem ? [{ Attribute: RACK }] : [],
      Update:
        type === "batch"
          ? null
          : { MaxParallel: step.parallel, Canary: type === "service" ? step.canary : 0 },
    },
  );
}

/** Runs the evaluations of a job until they change nothing, promoting canaries on the way. */
function settle(cluster: TestCluster, wanted: Job, check: () => void): void {
  for (let round = 0; round < 20; round++) {
    const { place, stop, inPlace } = cluster.run(wanted);
    check();
    for (const { job, group, node } of place)
      assert.ok(couldRun(job, [group], node), "nobody would have woken it");
    const isPromoted = promote(cluster);
    if (!isPromoted && place.length + stop.length + inPlace.length === 0) return;
  }
  assert.fail("an unchanged job goes on changing");
}

function promote(cluster: TestCluster): boolean {
  const { deployment } = cluster;
  const waiting = Object.entries(deployment?.TaskGroups ?? {}).filter(
    ([, state]) => state.DesiredCanaries > 0 && !state.Promoted && state.PlacedCanaries.length > 0,
  );
  if (deployment === null || waiting.length === 0) return false;
  const TaskGroups = Object.fromEntries(waiting.map(([name, state]) => [name, { ...state, Promoted: true }]));
  cluster.deployment = { ...deployment, TaskGroups };
  for (const { ID, DeploymentStatus } of cluster.allocations)
    if (DeploymentStatus?.Canary)
      cluster.change(ID, { DeploymentStatus: { ...DeploymentStatus, Canary: false } });
  return true;
}

function happen(cluster: TestCluster, { event }: Step): void {
  const [first] = cluster.nodes;
  const [live] = cluster.live();
  switch (event) {
    case "node down":
      if (first) cluster.changeNode(first.ID, { Status: "down" });
      break;
    case "node back":
      for (const { ID } of cluster.nodes) cluster.changeNode(ID, { Status: "ready", Drain: false });
      break;
    case "fail":
      if (live) cluster.change(live.ID, { ClientStatus: "failed" });
      cluster.now += 3_600_000;
      break;
    case "drain":
      if (live) cluster.changeNode(live.NodeID, { Drain: true });
      break;
    case "migrate":
      if (live) cluster.change(live.ID, { DesiredTransition: { Migrate: true, Reschedule: false } });
      break;
    case "nothing":
      break;
  }
}

function assertWithinCapacity(cluster: TestCluster): void {
  for (const machine of cluster.nodes) {
    const here = cluster.allocations.filter(
      (allocation) => allocation.NodeID === machine.ID && holdsResources(allocation),
    );
    const usage = new Usage();
    const ports = new Set<number>();
    const cores = new Set<number>();
    const reservable = machine.NodeResources.Cpu.ReservableCpuCores ?? [];
    for (const { AllocatedResources } of here) {
      usage.add(AllocatedResources);
      for (const { Value } of AllocatedResources.Shared.Ports) {
        assert.ok(!ports.has(Value), `port ${Value} of ${machine.ID} has one holder`);
        ports.add(Value);
      }
      for (const core of coresOf(AllocatedResources)) {
        assert.ok(reservable.includes(core), `${machine.ID} has the core ${core}`);
        assert.ok(!cores.has(core), `core ${core} of ${machine.ID} has one holder`);
        cores.add(core);
      }
    }
    for (const dimension of DIMENSIONS)
      assert.ok(usage[dimension] <= capacityOf(machine)[dimension], dimension);
  }
}

function assertConstraintsHold(cluster: TestCluster, wanted: Job): void {
  const nodeOf = ({ NodeID }: Allocation): Node | undefined =>
    cluster.nodes.find(({ ID, Status }) => ID === NodeID && Status === "ready");
  const own = cluster
    .live()
    .filter(({ JobID, JobVersion }) => JobID === wanted.ID && JobVersion === wanted.Version)
    .flatMap((allocation) => nodeOf(allocation) ?? []);
  for (const constraint of wanted.Constraints) {
    if (!isDistinct(constraint.Operand)) assert.ok(own.every((machine) => meets(machine, constraint)));
    if (constraint.Operand === "distinct_hosts") assert.equal(new Set(own).size, own.length);
    if (constraint.Operand === "distinct_property") {
      const racks = Map.groupBy(own, (machine) => resolve(machine, constraint.LTarget));
      for (const same of racks.values()) assert.ok(same.length <= Number(constraint.RTarget));
    }
  }
}

describe("in every cluster", () => {
  it("nothing is overfilled, no port has two holders, constraints hold, and an unchanged job is left alone", () => {
    const seeds = fc.double({ min: 0, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(nodes, fc.array(step, { minLength: 1, maxLength: 4 }), seeds, (machines, steps, seed) => {
        const cluster = new TestCluster(
          machines.map(({ rack, cpu, cores, memory, isEligible }, i) =>
            node(`n${i}`, {
              Meta: { rack },
              NodeResources: {
                ...node("").NodeResources,
                Cpu: { CpuShares: cpu, TotalCpuCores: cores.length || 4, ReservableCpuCores: cores },
                Memory: { MemoryMB: memory },
              },
              SchedulingEligibility: isEligible ? "eligible" : "ineligible",
            }),
          ),
        );
        cluster.random = () => seed;
        steps.forEach((each, version) => {
          happen(cluster, each);
          const wanted = jobOf(each, version);
          settle(cluster, wanted, () => assertWithinCapacity(cluster));
          assertConstraintsHold(cluster, wanted);
          const { place, stop, inPlace } = cluster.plan(wanted);
          assert.deepEqual([place, stop, inPlace], [[], [], []]);
        });
      }),
      { numRuns: RUNS },
    );
  });
});
