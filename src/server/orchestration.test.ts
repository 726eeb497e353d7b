import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Deployment } from "#model/deployment.ts";
import type { Job, JobInput } from "#model/job/job.ts";
import { type GroupInput, job, node } from "../../test/support/cluster.ts";
import { startServer, type TestServer, WELL } from "../../test/support/server.ts";
import { until } from "../../test/support/wait.ts";
import { failDeployment, pauseDeployment, promoteDeployment } from "./deployment-requests.ts";
import { dispatchJob } from "./dispatch-job.ts";
import { drainNode, setEligibility } from "./drains.ts";
import { statusOf } from "./job-status.ts";
import { deregisterJob, registerJob } from "./jobs.ts";
import { forceLaunch } from "./periodic-jobs.ts";
import { scaleJob } from "./scale-job.ts";
import { deployments, evaluations, jobKey, jobs, nodes } from "./tables.ts";

/** A version of a job: what its tasks have in their environment makes the difference. */
const version = (ID: string, text: string, group: GroupInput = {}, over: JobInput = {}): Job =>
  job(
    { ID, ...over },
    {
      Count: 3,
      Tasks: [{ Name: "main", Driver: "exec", Env: { V: text }, Resources: { CPU: 20, MemoryMB: 20 } }],
      ...group,
    },
  );

describe("a server with simulated nodes", () => {
  let test: TestServer;
  before(async () => {
    test = await startServer();
    const outcome = ({ Job, TaskGroup }: { Job: Job; TaskGroup: string }) => {
      const task = Job.TaskGroups.find(({ Name }) => Name === TaskGroup)?.Tasks[0];
      if (task?.Env["V"] === "bad") return { status: "failed", healthy: false } as const;
      return Job.Type === "batch" ? ({ status: "complete", healthy: null } as const) : WELL;
    };
    for (const id of ["n1", "n2"]) test.join(node(id), outcome);
    await until("both nodes are there", () => test.server.state.all(nodes).length === 2);
  });
  after(() => test[Symbol.asyncDispose]());

  const newest = (id: string): Deployment | undefined =>
    test.server.state
      .find(deployments, "job", jobKey("default", id))
      .sort((a, b) => b.CreateIndex - a.CreateIndex)[0];
  const running = (id: string) =>
    test
      .of(id)
      .filter(({ ClientStatus, DesiredStatus }) => ClientStatus === "running" && DesiredStatus === "run");
  const versions = (id: string) => running(id).map(({ JobVersion }) => JobVersion);
  const ended = (id: string, JobVersion: number, status: Deployment["Status"]) =>
    until(`the deployment of version ${JobVersion} of ${id} is ${status}`, () => {
      const deployment = newest(id);
      return deployment?.JobVersion === JobVersion && deployment.Status === status;
    });

  it("replaces one version by the next, and knows the last good one", async () => {
    await registerJob(test.server.state, version("rolling", "one"));
    await ended("rolling", 0, "successful");
    await registerJob(test.server.state, version("rolling", "two"));
    await ended("rolling", 1, "successful");
    assert.deepEqual(versions("rolling"), [1, 1, 1]);
    assert.equal(test.server.state.get(jobs, jobKey("default", "rolling"))?.Stable, true);
  });

  it("goes back to the last good version when the next one fails", async () => {
    const update = { Update: { AutoRevert: true, ProgressDeadline: 0 } };
    await registerJob(test.server.state, version("revert", "good", update));
    await ended("revert", 0, "successful");
    await registerJob(test.server.state, version("revert", "bad", update));
    await ended("revert", 2, "successful");
    const failed = test.server.state
      .find(deployments, "job", jobKey("default", "revert"))
      .find(({ Status }) => Status === "failed");
    assert.equal(
      failed?.StatusDescription,
      "Failed due to unhealthy allocations - rolling back to job version 0",
    );
    assert.equal(running("revert").length, 3);
  });

  it("tries canaries until they are promoted, by people or by themselves", async () => {
    const canary = (over = {}) => ({ Update: { Canary: 1, MaxParallel: 3, ...over } });
    await registerJob(test.server.state, version("canary", "one", canary()));
    await ended("canary", 0, "successful");
    await registerJob(test.server.state, version("canary", "two", canary()));
    await until("it waits for its promotion", () =>
      newest("canary")?.StatusDescription.includes("requires manual promotion"),
    );
    await until("the canary runs beside the others", () => versions("canary").sort().join() === "0,0,0,1");
    const { ID = "" } = newest("canary") ?? {};
    await assert.rejects(promoteDeployment(test.server.state, ID, ["other"]), /no task group "other"/);
    await promoteDeployment(test.server.state, ID, null);
    await ended("canary", 1, "successful");
    assert.deepEqual(versions("canary"), [1, 1, 1]);
    await registerJob(test.server.state, version("canary", "three", canary({ AutoPromote: true })));
    await ended("canary", 2, "successful");
    await assert.rejects(
      failDeployment(test.server.state, newest("canary")?.ID ?? ""),
      /terminal deployment/,
    );
  });

  it("rests while paused, and ends the canaries of a deployment that is given up", async () => {
    const update = { Update: { Canary: 2, MaxParallel: 1 } };
    await registerJob(test.server.state, version("paused", "one", update));
    await ended("paused", 0, "successful");
    await registerJob(test.server.state, version("paused", "two", update));
    await until("two canaries run", () => running("paused").length === 5);
    const { ID = "" } = newest("paused") ?? {};
    await pauseDeployment(test.server.state, ID, true);
    assert.equal(newest("paused")?.Status, "paused");
    await pauseDeployment(test.server.state, ID, false);
    await failDeployment(test.server.state, ID);
    await until("the canaries are gone", () => versions("paused").join() === "0,0,0");
  });

  it("empties a node that is drained, and says when it is done", async () => {
    await registerJob(test.server.state, version("moved", "one", {}, { Type: "service" }));
    await ended("moved", 0, "successful");
    const drain = { deadline: 60e9, ignoreSystemJobs: false };
    await drainNode(test.server.state, "n1", drain, { markEligible: false, meta: {} });
    await until(
      "the drain is over",
      () => test.server.state.get(nodes, "n1")?.LastDrain?.Status === "complete",
    );
    assert.deepEqual(
      running("moved").map(({ NodeID }) => NodeID),
      ["n2", "n2", "n2"],
    );
    assert.equal(test.server.state.get(nodes, "n1")?.SchedulingEligibility, "ineligible");
    await drainNode(test.server.state, "n1", null, { markEligible: true, meta: {} });
    assert.equal(test.server.state.get(nodes, "n1")?.SchedulingEligibility, "eligible");
  });

  it("empties nodes together as the migrate block says, and waits no longer than its deadline for health", async () => {
    await using other = await startServer();
    const { state } = other.server;
    let isReplacementHealthy: boolean | null = null;
    const outcome = ({ NodeID }: { NodeID: string }) =>
      ({ status: "running", healthy: NodeID === "n3" ? isReplacementHealthy : true }) as const;
    for (const id of ["n1", "n2"]) other.join(node(id), outcome);
    await until("both nodes are there", () => state.all(nodes).length === 2);
    const group = { Count: 4, Migrate: { MaxParallel: 1 } };
    await registerJob(state, version("spread", "one", group));
    await until(
      "it runs",
      () => other.of("spread").filter(({ ClientStatus }) => ClientStatus === "running").length === 4,
    );
    const third = other.join(node("n3"), outcome);
    const drain = { deadline: 600e9, ignoreSystemJobs: false };
    const moved = () => other.of("spread").filter(({ NodeID }) => NodeID === "n3");
    const leaving = () => other.of("spread").filter(({ DesiredTransition }) => DesiredTransition.Migrate);
    await until("the third node is there", () => state.all(nodes).length === 3);
    for (const id of ["n1", "n2"]) await drainNode(state, id, drain, { markEligible: false, meta: {} });
    await until("one has come", () => moved().length === 1);
    assert.equal(leaving().length, 1);
    // Its deadline goes by.
    isReplacementHealthy = false;
    const [first] = moved();
    if (first) await third.report(first, { status: "running", healthy: false });
    await until("all have come", () => moved().length === 4);
    const going = other
      .of("spread")
      .filter(({ DesiredStatus }) => DesiredStatus === "run")
      .map(({ NodeID }) => NodeID);
    assert.deepEqual(going, ["n3", "n3", "n3", "n3"]);
  });

  it("places what had no room once there is some", async () => {
    const big = {
      Count: 1,
      Tasks: [{ Name: "main", Driver: "exec", Resources: { CPU: 600, MemoryMB: 10 } }],
    };
    for (const id of ["big1", "big2", "big3"]) await registerJob(test.server.state, job({ ID: id }, big));
    await until("one waits", () => test.server.state.find(evaluations, "status", "blocked").length === 1);
    const [waiting] = test.server.state.find(evaluations, "status", "blocked");
    const gone = ["big1", "big2"].find((id) => id !== waiting?.JobID) ?? "";
    await deregisterJob(test.server.state, "default", gone, false);
    await until("it runs", () => running(waiting?.JobID ?? "").length === 1);
    for (const id of ["big1", "big2", "big3"]) await deregisterJob(test.server.state, "default", id, true);
  });

  it("places what had no room also where some came while it was written that it waits", async () => {
    let before = async () => {};
    await using other = await startServer(undefined, (store) => ({
      range: (prefix) => store.range(prefix),
      watch: (after, signal) => store.watch(after, signal),
      close: () => store.close(),
      commit: async (transaction) => {
        if (transaction.put.some(({ value }) => value.includes('"Status":"blocked"'))) await before();
        return store.commit(transaction);
      },
    }));
    const { state } = other.server;
    const machine = other.join(node("n1"));
    await until("the node is there", () => state.all(nodes).length === 1);
    const big = (ID: string) =>
      job({ ID }, { Tasks: [{ Name: "main", Driver: "exec", Resources: { CPU: 600, MemoryMB: 10 } }] });
    const isUp = (ID: string) => other.of(ID).some(({ ClientStatus }) => ClientStatus === "running");
    await registerJob(state, { ...big("first"), Type: "batch" });
    await until("it runs", () => isUp("first"));
    let isFreed = false;
    before = async () => {
      const [first] = other.of("first");
      if (first && !isFreed) await machine.report(first, { status: "complete", healthy: null });
      isFreed = true;
    };
    await registerJob(state, big("second"));
    await until("it runs", () => isUp("second"));
    assert.ok(isFreed);
  });

  it("leaves what waits for room alone when there is some only where it cannot run", async () => {
    await using other = await startServer();
    const { state } = other.server;
    const rack = (name: string) => ({ Meta: { rack: name } });
    other.join(node("n1", rack("r1")));
    other.join(node("n2", rack("r2")));
    await until("both nodes are there", () => state.all(nodes).length === 2);
    const on = (ID: string, RTarget: string, CPU: number) =>
      job(
        { ID, Constraints: [{ LTarget: "${meta.rack}", RTarget, Operand: "=" }] },
        { Tasks: [{ Name: "main", Driver: "exec", Resources: { CPU, MemoryMB: 10 } }] },
      );
    const isUp = (ID: string) => other.of(ID).some(({ ClientStatus }) => ClientStatus === "running");
    for (const each of [on("first", "r1", 600), on("second", "r2", 600)]) await registerJob(state, each);
    await until("they run", () => isUp("first") && isUp("second"));
    await registerJob(state, on("waiting", "r1", 500));
    const blocked = () => state.find(evaluations, "status", "blocked").map(({ ID }) => ID);
    await until("it waits", () => blocked().length === 1);
    const [before] = blocked();
    const looks = () => state.find(evaluations, "job", jobKey("default", "waiting")).length;
    const looked = looks();
    await deregisterJob(state, "default", "second", false);
    other.join(node("n3", rack("r2")));
    other.join(
      node("n4", { ...rack("r1"), NodeResources: { ...node("").NodeResources, Memory: { MemoryMB: 5 } } }),
    );
    await until("the others are there", () => state.all(nodes).length === 4);
    await until("the second has ended", () =>
      other.of("second").every(({ ClientStatus }) => ClientStatus === "complete"),
    );
    assert.deepEqual([blocked(), looks()], [[before], looked]);
    assert.equal(
      state.get(evaluations, before ?? "")?.ModifyIndex,
      state.get(evaluations, before ?? "")?.CreateIndex,
    );
    await deregisterJob(state, "default", "first", false);
    await until("it runs", () => isUp("waiting"));
    await registerJob(state, on("late", "r3", 500));
    await until("another waits", () => blocked().length === 1);
    other.join(node("n5", { ...rack("r3"), SchedulingEligibility: "ineligible" }));
    await until("its node is there", () => state.get(nodes, "n5") !== undefined);
    assert.equal(blocked().length, 1);
    await setEligibility(state, "n5", true);
    await until("it runs", () => isUp("late"));
    await registerJob(state, on("later", "r4", 500));
    await until("one more waits", () => blocked().length === 1);
    other.join(node("n6", rack("r4")));
    await until("it runs", () => isUp("later"));
  });

  it("runs what is dispatched with its facts, and refuses what is not as the job says", async () => {
    const ParameterizedJob = { Payload: "required", MetaRequired: ["who"], MetaOptional: ["why"] };
    const parent = version("letters", "one", { Count: 1 }, { Type: "batch", ParameterizedJob });
    assert.equal((await registerJob(test.server.state, parent)).evaluation, "");
    const dispatch = (over = {}) =>
      dispatchJob(test.server.state, "default", "letters", {
        ...{ payload: "aGVsbG8=", meta: { who: "me" }, idPrefix: "", idempotencyToken: "", ...over },
      });
    const { job: child } = await dispatch({ idPrefix: "x" });
    assert.match(child.ID, /^letters\/dispatch-x-\d+-[0-9a-f]{8}$/);
    assert.deepEqual([child.ParentID, child.Meta, child.Payload], ["letters", { who: "me" }, "aGVsbG8="]);
    await until("it has run", () => statusOf(test.server.state, child) === "dead");
    await assert.rejects(dispatch({ meta: {} }), /required meta keys: \[who\]/);
    await assert.rejects(dispatch({ meta: { who: "me", x: "1" } }), /unpermitted metadata keys: \[x\]/);
    await assert.rejects(dispatch({ payload: "" }), /required/);
    await assert.rejects(dispatch({ payload: Buffer.alloc(17_000).toString("base64") }), /maximum size/);
    const [first, second] = [
      await dispatch({ idempotencyToken: "t" }),
      await dispatch({ idempotencyToken: "t" }),
    ];
    assert.equal(second.job.ID, first.job.ID);
  });

  it("launches a periodic job every time it is due, and at once when told to", async () => {
    const Periodic = { Specs: ["*/1 * * * * * *"] };
    await registerJob(test.server.state, version("clock", "one", { Count: 1 }, { Type: "batch", Periodic }));
    const children = () => test.server.state.find(jobs, "parent", jobKey("default", "clock"));
    await until("it was launched twice", () => children().length >= 2);
    await deregisterJob(test.server.state, "default", "clock", false);
    const rare = version("rare", "one", { Count: 1 }, { Type: "batch", Periodic: { Specs: ["@yearly"] } });
    await registerJob(test.server.state, rare);
    await forceLaunch(test.server.state, "default", "rare");
    assert.equal(test.server.state.find(jobs, "parent", jobKey("default", "rare")).length, 1);
  });

  it("scales a group within its bounds, and remembers who wanted it", async () => {
    const group = { Count: 1, Scaling: { Min: 1, Max: 4 } };
    await registerJob(test.server.state, version("scaled", "one", group));
    await ended("scaled", 0, "successful");
    const scale = (count: number) =>
      scaleJob(test.server.state, "default", "scaled", {
        ...{ group: "app", count, message: "more", isError: false, meta: {} },
      });
    await scale(3);
    await until("three run", () => running("scaled").length === 3);
    await ended("scaled", 1, "successful");
    await assert.rejects(scale(5), /greater than scaling policy maximum: 5 > 4/);
  });

  it("forgets what is over when told to, and nothing else", async () => {
    await deregisterJob(test.server.state, "default", "rolling", false);
    await until("all of it has ended", () =>
      test.of("rolling").every(({ ClientStatus }) => ClientStatus === "complete"),
    );
    await until(
      "nothing is left to do",
      () =>
        !test.server.state.find(evaluations, "status", "pending").some(({ JobID }) => JobID === "rolling"),
    );
    await test.server.garbage.collect();
    assert.equal(test.server.state.get(jobs, jobKey("default", "rolling")), undefined);
    assert.deepEqual(test.of("rolling"), []);
    assert.equal(running("canary").length, 3);
  });
});
