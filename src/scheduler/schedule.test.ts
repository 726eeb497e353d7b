import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type GroupInput, job, node, TestCluster } from "../../test/support/cluster.ts";
import type { Plan } from "./plan.ts";

const names = (allocations: readonly { readonly Name: string }[]) =>
  allocations.map(({ Name }) => Name).sort();

describe("schedule", () => {
  it("places every instance under a name of its own, and begins a deployment", () => {
    const plan = new TestCluster([node("a"), node("b")]).plan(job({}, { Count: 3 }));
    assert.deepEqual(
      plan.place.map((placement) => placement.name),
      ["web.app[0]", "web.app[1]", "web.app[2]"],
    );
    assert.equal(plan.deployment?.groups["app"]?.DesiredTotal, 3);
    assert.equal(plan.deployment?.groups["app"]?.PlacedAllocs, 3);
    assert.equal(plan.updates["app"]?.Place, 3);
  });

  it("changes nothing when all is as the job says", () => {
    const cluster = new TestCluster([node("a")]);
    const wanted = job({}, { Count: 2 });
    cluster.run(wanted);
    cluster.deployment = null;
    const plan = cluster.plan(wanted);
    assert.deepEqual([plan.place, plan.stop, plan.inPlace, plan.deployment], [[], [], [], null]);
    assert.equal(plan.updates["app"]?.Ignore, 2);
  });

  it("says for each dimension, constraint and node why a group cannot be placed", () => {
    const cluster = new TestCluster([
      node("small"),
      node("other", { Attributes: { "kernel.name": "darwin" }, NodeClass: "mac" }),
      node("away", { SchedulingEligibility: "ineligible" }),
    ]);
    const { failed, queued } = cluster.plan(
      job(
        { Constraints: [{ LTarget: "${attr.kernel.name}", RTarget: "linux", Operand: "=" }] },
        { Count: 2, Tasks: [{ Name: "main", Driver: "exec", Resources: { CPU: 100, MemoryMB: 4000 } }] },
      ),
    );
    const metric = failed["app"];
    assert.deepEqual(metric?.ConstraintFiltered, { "${attr.kernel.name} = linux": 1 });
    assert.deepEqual(metric?.ClassFiltered, { mac: 1 });
    assert.deepEqual(metric?.DimensionExhausted, { memory: 1 });
    assert.deepEqual(metric?.Obstacles, [
      { Node: "small", Reason: "memory: 4000 MB wanted, 1000 of 1000 MB free" },
      { Node: "other", Reason: "${attr.kernel.name} = linux" },
      { Node: "away", Reason: "the node is not eligible for scheduling" },
    ]);
    assert.deepEqual(queued, { app: 2 });
  });

  it("stops what a smaller count, a removed group or a stopped job no longer wants", () => {
    const cluster = new TestCluster([node("a")]);
    cluster.run(job({}, { Count: 3 }));
    const smaller = cluster.plan(job({ Version: 1 }, { Count: 1 }));
    assert.deepEqual(
      smaller.stop.map((stop) => stop.id),
      ["id-1", "id-2"],
    );
    assert.deepEqual(smaller.inPlace, ["id-0"]);
    const renamed = cluster.plan(job({ Version: 1 }, { Name: "other" }));
    assert.deepEqual([renamed.stop.length, renamed.place.length], [3, 1]);
    const stopped = cluster.plan({ ...job({ Version: 1 }, { Count: 3 }), Stop: true });
    assert.deepEqual([stopped.stop.length, stopped.place.length, stopped.deployment], [3, 0, null]);
  });

  it("gives a static port to a replacement on the only node, but not to two instances", () => {
    const network = { Networks: [{ Mode: "bridge", ReservedPorts: [{ Label: "http", Value: 8080 }] }] };
    const cluster = new TestCluster([node("a")]);
    const first = cluster.run(job({}, { Count: 2, ...network }));
    assert.equal(first.place.length, 1);
    assert.deepEqual(first.failed["app"]?.DimensionExhausted, {
      "network: reserved port collision http=8080": 1,
    });
    const Tasks = [{ Name: "main", Driver: "exec", Env: { NEW: "1" } }];
    const next = cluster.run(job({ Version: 1 }, { Count: 1, ...network, Tasks }));
    assert.deepEqual([next.place.length, next.stop.length], [1, 1]);
  });

  it("gives ports of different host addresses the same number", () => {
    const port = (Label: string, HostNetwork: string) => ({ Label, Value: 8080, HostNetwork });
    const Networks = [{ Mode: "host", ReservedPorts: [port("a", "default"), port("b", "public")] }];
    const public_ = node("a", { HostNetworks: { public: "192.0.2.1" } });
    const plan = new TestCluster([node("b"), public_]).plan(job({}, { Networks, Count: 2 }));
    assert.deepEqual(
      plan.place[0]?.resources.Shared.Ports.map(({ HostIP }) => HostIP),
      ["10.0.0.1", "192.0.2.1"],
    );
    assert.deepEqual(plan.failed["app"]?.ConstraintFiltered, {
      'missing host network "public" for port "b"': 1,
    });
  });

  it("runs a system job once on every node that can, and lets it go on where no new ones may come", () => {
    const cluster = new TestCluster([node("a"), node("b"), node("c", { Drivers: {} })]);
    const wanted = job({ Type: "system" });
    const plan = cluster.run(wanted);
    assert.deepEqual(
      plan.place.map((placement) => placement.node.Name),
      ["a", "b"],
    );
    assert.deepEqual(plan.failed, {});
    cluster.changeNode("a", { SchedulingEligibility: "ineligible" });
    assert.deepEqual(cluster.plan(wanted).stop, []);
    cluster.changeNode("b", { Status: "down" });
    assert.deepEqual(
      cluster.plan(wanted).stop.map(({ lost }) => lost),
      [true],
    );
  });

  it("replaces what was lost with its node, and stops what is to leave its node once it has another", () => {
    const cluster = new TestCluster([node("a"), node("b")]);
    const wanted = job({}, { Count: 2 });
    cluster.run(wanted);
    const [first, second] = cluster.allocations;
    assert.ok(first && second && first.NodeID !== second.NodeID, "instances of a group keep apart");
    cluster.change(first.ID, { DesiredTransition: { Migrate: true, Reschedule: false } });
    cluster.changeNode(first.NodeID, { Drain: true });
    const moved = cluster.run(wanted);
    assert.deepEqual([moved.place[0]?.previous, moved.place[0]?.node.ID], [first.ID, second.NodeID]);
    assert.equal(moved.updates["app"]?.Migrate, 1);
    cluster.changeNode(second.NodeID, { Status: "down" });
    const lost = cluster.run(wanted);
    assert.deepEqual([lost.stop.length, lost.place.length, lost.queued["app"]], [2, 0, 2]);
    cluster.changeNode(first.NodeID, { Drain: false });
    assert.equal(cluster.run(wanted).place.length, 2);
  });

  it("keeps the place of an allocation whose node may come back, as its disconnect block says", () => {
    const cluster = new TestCluster([node("a"), node("b")]);
    const wanted = job({}, { Disconnect: { LostAfter: 60e9, Reconcile: "keep_original" } });
    const original = cluster.run(wanted).place[0];
    assert.ok(original);
    cluster.changeNode(original.node.ID, { Status: "disconnected", StatusUpdatedAt: cluster.now / 1000 });
    const away = cluster.run(wanted);
    assert.deepEqual([away.unknown, away.stop, away.place.length], [[original.id], [], 1]);
    assert.ok(away.again !== null && away.again > cluster.now);
    cluster.changeNode(original.node.ID, { Status: "ready" });
    const back = cluster.run(wanted);
    assert.deepEqual(
      back.stop.map(({ id }) => id),
      [away.place[0]?.id],
    );
  });

  it("replaces a failed allocation when its policy says, not before, and not for ever", () => {
    const policy = { Attempts: 1, Interval: 60e9, Delay: 30e9, DelayFunction: "constant", Unlimited: false };
    const cluster = new TestCluster([node("a"), node("b")]);
    const wanted = job({}, { ReschedulePolicy: policy });
    const fail = () => {
      const [live] = cluster.live();
      cluster.change(live?.ID ?? "", { ClientStatus: "failed", ModifyTime: cluster.now * 1e6 });
      return live;
    };
    cluster.run(wanted);
    const first = fail();
    const due = cluster.now + 30_000;
    assert.deepEqual([cluster.plan(wanted).place.length, cluster.plan(wanted).again], [0, due]);
    cluster.now = due;
    const again = cluster.run(wanted);
    assert.deepEqual([again.place[0]?.previous, again.stop[0]?.id], [first?.ID, first?.ID]);
    assert.notEqual(again.place[0]?.node.ID, first?.NodeID, "elsewhere");
    fail();
    assert.deepEqual([cluster.plan(wanted).place.length, cluster.plan(wanted).again], [0, null]);
  });

  it("lets a job of higher priority have the places of others where that is allowed", () => {
    const cluster = new TestCluster([node("a")]);
    const big = { Tasks: [{ Name: "main", Driver: "exec", Resources: { CPU: 700, MemoryMB: 100 } }] };
    const small = { Tasks: [{ Name: "main", Driver: "exec", Resources: { CPU: 100, MemoryMB: 100 } }] };
    cluster.run(job({ ID: "low", Priority: 20 }, { Count: 4, ...small }));
    cluster.run(job({ ID: "lowest", Priority: 10 }, { Count: 4, ...small }));
    const important = job({ ID: "important", Priority: 80 }, big);
    assert.equal(cluster.plan(important).place.length, 0, "not by default for services");
    const plan = cluster.run(job({ ID: "agent", Type: "system", Priority: 80 }, big));
    const victims = cluster.allocations.filter(({ ID }) => plan.place[0]?.preempts.includes(ID));
    assert.deepEqual(
      victims.map(({ JobID }) => JobID),
      ["low", "lowest", "lowest", "lowest", "lowest"],
    );
    assert.equal(cluster.plan(job({ ID: "other", Type: "system", Priority: 85 }, big)).place.length, 0);
  });

  it("does not run again what has ended well in a batch job", () => {
    const cluster = new TestCluster([node("a")]);
    const wanted = job({ Type: "batch" }, { Count: 2 });
    cluster.run(wanted);
    cluster.change("id-0", { ClientStatus: "complete" });
    assert.deepEqual(cluster.plan(wanted).place, []);
    const Tasks = [{ Name: "main", Driver: "exec", Env: { NEW: "1" } }];
    const changed = cluster.plan(job({ Type: "batch", Version: 1 }, { Count: 2, Tasks }));
    assert.deepEqual(
      changed.place.map(({ name }) => name),
      ["web.app[0]", "web.app[1]"],
    );
  });
});

describe("spreads, affinities and distinct constraints", () => {
  const racks = ["r1", "r1", "r2", "r3"].map((rack, i) => node(`n${i}`, { Meta: { rack } }));
  const byRack = (cluster: TestCluster) =>
    Object.fromEntries(
      Map.groupBy(cluster.live(), ({ NodeID }) => racks.find(({ ID }) => ID === NodeID)?.Meta["rack"])
        .entries()
        .map(([rack, allocations]) => [rack, allocations.length]),
    );

  it("spreads evenly over the values of an attribute, however many nodes have them", () => {
    const cluster = new TestCluster(racks);
    cluster.run(job({}, { Count: 6, Spreads: [{ Attribute: "${meta.rack}" }] }));
    assert.deepEqual(byRack(cluster), { r1: 2, r2: 2, r3: 2 });
  });

  it("gives values the shares that targets ask for", () => {
    const cluster = new TestCluster(racks);
    const SpreadTarget = [
      { Value: "r1", Percent: 75 },
      { Value: "r2", Percent: 25 },
    ];
    cluster.run(job({}, { Count: 8, Spreads: [{ Attribute: "${meta.rack}", SpreadTarget }] }));
    assert.deepEqual(byRack(cluster), { r1: 6, r2: 2 });
  });

  it("prefers nodes by affinity, and avoids them by a negative one", () => {
    const rack = (RTarget: string, Weight: number) => [
      { LTarget: "${meta.rack}", RTarget, Operand: "=", Weight },
    ];
    const near = new TestCluster(racks);
    near.run(job({}, { Count: 1, Affinities: rack("r3", 100) }));
    assert.deepEqual(byRack(near), { r3: 1 });
    const far = new TestCluster(racks);
    far.run(job({}, { Count: 2, Affinities: rack("r1", -100) }));
    assert.deepEqual(byRack(far), { r2: 1, r3: 1 });
  });

  it("holds distinct_hosts and distinct_property over rolling updates", () => {
    const Constraints = [
      { LTarget: "", RTarget: "", Operand: "distinct_hosts" },
      { LTarget: "${meta.rack}", RTarget: "1", Operand: "distinct_property" },
    ];
    const cluster = new TestCluster(racks);
    const plan = cluster.run(job({ Constraints }, { Count: 4 }));
    assert.deepEqual(byRack(cluster), { r1: 1, r2: 1, r3: 1 });
    assert.equal(plan.queued["app"], 1);
    const Tasks = [{ Name: "main", Driver: "exec", Env: { NEW: "1" } }];
    cluster.run(job({ Constraints, Version: 1 }, { Count: 3, Tasks, Update: { MaxParallel: 3 } }));
    assert.deepEqual(byRack(cluster), { r1: 1, r2: 1, r3: 1 });
  });

  it("fills nodes or empties them, as the algorithm says", () => {
    const cluster = new TestCluster(racks);
    cluster.run(job({ ID: "a" }));
    cluster.run(job({ ID: "b" }));
    assert.equal(new Set(cluster.live().map(({ NodeID }) => NodeID)).size, 1);
    cluster.configuration = { ...cluster.configuration, SchedulerAlgorithm: "spread" };
    cluster.run(job({ ID: "c" }));
    assert.equal(new Set(cluster.live().map(({ NodeID }) => NodeID)).size, 2);
  });
});

describe("updates", () => {
  const version = (Version: number, group = {}, over = {}) =>
    job(
      { Version, ...over },
      {
        Count: 3,
        Tasks: [
          {
            Name: "main",
            Driver: "exec",
            Env: { V: String(Version) },
            Resources: { CPU: 100, MemoryMB: 100 },
          },
        ],
        ...group,
      },
    );
  const healthy = (cluster: TestCluster, isHealthy: boolean | null) => {
    for (const { ID, DeploymentStatus, DeploymentID } of cluster.allocations) {
      if (DeploymentID === cluster.deployment?.ID && DeploymentStatus)
        cluster.change(ID, { DeploymentStatus: { ...DeploymentStatus, Healthy: isHealthy } });
    }
  };

  it("replaces an old version a few at a time, and goes on when those are healthy", () => {
    const cluster = new TestCluster([node("a")]);
    cluster.run(version(0));
    const next = version(1, { Update: { MaxParallel: 2 } });
    const plan = cluster.run(next);
    assert.deepEqual([plan.place.length, plan.stop.length], [2, 2]);
    assert.deepEqual(
      plan.place.map((placement) => placement.previous),
      plan.stop.map((stop) => stop.id),
    );
    healthy(cluster, null);
    assert.equal(cluster.plan(next).place.length, 0);
    healthy(cluster, true);
    assert.equal(cluster.run(next).place.length, 1);
    assert.deepEqual(names(cluster.live()), ["web.app[0]", "web.app[1]", "web.app[2]"]);
  });

  it("tries canaries beside the old ones, replaces what is lost by the old version, and goes on when promoted", () => {
    const cluster = new TestCluster([node("a"), node("b")]);
    cluster.run(version(0));
    const next = version(1, { Update: { Canary: 1, MaxParallel: 1 } });
    const trial = cluster.run(next);
    assert.deepEqual([trial.place.length, trial.stop.length, trial.updates["app"]?.Canary], [1, 0, 1]);
    assert.equal(trial.deployment?.groups["app"]?.DesiredCanaries, 1);
    assert.deepEqual(cluster.plan(next).place, [], "waits for its promotion");
    const old = cluster.live().find(({ JobVersion }) => JobVersion === 0);
    cluster.change(old?.ID ?? "", { ClientStatus: "lost", DesiredStatus: "stop" });
    const mended = cluster.run(next);
    assert.deepEqual(
      mended.place.map(({ job, previous }) => [job.Version, previous]),
      [[0, old?.ID]],
    );
    promote(cluster);
    for (let i = 0; i < 3; i++) cluster.run(next);
    assert.deepEqual(
      cluster.live().map(({ JobVersion }) => JobVersion),
      [1, 1, 1],
    );
    assert.deepEqual(names(cluster.live()), ["web.app[0]", "web.app[1]", "web.app[2]"]);
  });

  it("changes all at once when as many canaries as instances are promoted", () => {
    const cluster = new TestCluster([node("a")]);
    cluster.run(version(0));
    const next = version(1, { Update: { Canary: 3, MaxParallel: 3 } });
    cluster.run(next);
    assert.equal(cluster.live().length, 6);
    promote(cluster);
    const plan = cluster.run(next);
    assert.deepEqual([plan.stop.length, plan.place.length], [3, 0]);
    assert.deepEqual(
      cluster.live().map(({ JobVersion }) => JobVersion),
      [1, 1, 1],
    );
  });

  it("ends the canaries of a deployment that has failed, and leaves the rest as it is", () => {
    const cluster = new TestCluster([node("a")]);
    cluster.run(version(0));
    const next = version(1, { Update: { Canary: 1 } });
    const [canary] = cluster.run(next).place;
    if (cluster.deployment) cluster.deployment = { ...cluster.deployment, Status: "failed" };
    const plan = cluster.run(next);
    assert.deepEqual([plan.stop.map(({ id }) => id), plan.place, plan.deployment], [[canary?.id], [], null]);
  });

  it("changes in place what its tasks do not notice, and moves what its node no longer suits", () => {
    const cluster = new TestCluster([
      node("a", { Meta: { rack: "r1" } }),
      node("b", { Meta: { rack: "r2" } }),
    ]);
    cluster.run(job({}, { Count: 2 }));
    const Constraints = [{ LTarget: "${meta.rack}", RTarget: "r1", Operand: "=" }];
    const plan = cluster.run(job({ Version: 1, Constraints }, { Count: 2, Update: { MaxParallel: 2 } }));
    assert.deepEqual([plan.inPlace.length, plan.place.length, plan.stop.length], [1, 1, 1]);
    assert.equal(plan.place[0]?.node.ID, "a");
  });

  it("gives no core to two tasks, and says when there are too few", () => {
    const cluster = new TestCluster([node("a")]);
    const own = (ID: string, Cores: number) =>
      job({ ID }, { Tasks: [{ Name: "main", Driver: "exec", Resources: { Cores, MemoryMB: 100 } }] });
    const shared = job({ ID: "shared" });
    const cpu = (plan: Plan) => plan.place[0]?.resources.Tasks["main"]?.Cpu;
    const first = cluster.run(own("one", 1));
    assert.deepEqual(cpu(first), { CpuShares: 500, ReservedCores: [0] });
    const { failed } = cluster.plan(own("two", 2));
    assert.deepEqual(failed["app"]?.DimensionExhausted, { cpu: 1 });
    assert.match(failed["app"]?.Obstacles[0]?.Reason ?? "", /cores: 2 cores wanted, 1 of 2 cores free/);
    assert.deepEqual(cpu(cluster.run(shared)), { CpuShares: 100, ReservedCores: null });
    // The other core is free, but not all of its processor time.
    assert.deepEqual(cluster.plan(own("late", 1)).failed["app"]?.DimensionExhausted, { cpu: 1 });
    cluster.change(first.place[0]?.id ?? "", { DesiredStatus: "stop", ClientStatus: "complete" });
    assert.deepEqual(cpu(cluster.run(own("next", 1)))?.ReservedCores, [0]);
  });

  it("finds no place for what needs a device or a plugin's volume, and says so", () => {
    const reason = (group: GroupInput) =>
      Object.keys(
        new TestCluster([node("a")]).plan(job({}, group)).failed["app"]?.ConstraintFiltered ?? {},
      )[0];
    const Resources = { CPU: 10, MemoryMB: 10, Devices: [{ Name: "nvidia/gpu" }] };
    assert.match(
      reason({ Tasks: [{ Name: "main", Driver: "exec", Resources }] }) ?? "",
      /^missing devices: "nvidia\/gpu"/,
    );
    const Volumes = { data: { Name: "data", Type: "csi", Source: "disk" } };
    assert.match(reason({ Volumes }) ?? "", /^missing CSI Volume "disk"/);
  });

  it("moves what runs in a datacenter that its job leaves", () => {
    const cluster = new TestCluster([node("a"), node("b", { Datacenter: "dc2" })]);
    cluster.run(job({ Datacenters: ["dc1"] }));
    const plan = cluster.run(job({ Version: 1, Datacenters: ["dc2"] }));
    assert.deepEqual([plan.inPlace, plan.stop.length, plan.place[0]?.node.ID], [[], 1, "b"]);
  });

  function promote(cluster: TestCluster): void {
    const { deployment } = cluster;
    const app = deployment?.TaskGroups["app"];
    if (deployment && app)
      cluster.deployment = { ...deployment, TaskGroups: { app: { ...app, Promoted: true } } };
    for (const { ID, DeploymentStatus } of cluster.allocations) {
      if (DeploymentStatus?.Canary)
        cluster.change(ID, { DeploymentStatus: { ...DeploymentStatus, Canary: false } });
    }
  }
});
