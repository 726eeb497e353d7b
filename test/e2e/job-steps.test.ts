import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { AllocationView } from "../../src/cli/views.ts";
import type { Deployment } from "../../src/model/deployment.ts";
import { until } from "../support/wait.ts";
import { startAgent, type TestAgent } from "./support/yurt.ts";

const JOBS = join(import.meta.dirname, "jobs");

describe("the steps of a job, by commands", () => {
  let agent: TestAgent;
  before(async () => {
    agent = await startAgent();
    await agent.must("job", "run", join(JOBS, "steps.nomad.hcl"));
  });
  after(() => agent?.[Symbol.asyncDispose]());

  const running = async (job: string) =>
    (await agent.get<AllocationView[]>(`/v1/job/${encodeURIComponent(job)}/allocations`)).filter(
      ({ ClientStatus, DesiredStatus }) => ClientStatus === "running" && DesiredStatus === "run",
    );
  const newest = () => agent.get<Deployment>("/v1/job/steps/deployment");

  it("tries a canary, and goes on when it is promoted", async () => {
    await agent.must("job", "run", "-detach", "-var", "version=2", join(JOBS, "steps.nomad.hcl"));
    await until("the canary waits for its promotion", async () =>
      (await newest()).StatusDescription.includes("requires manual promotion"),
    );
    await until("the canary is healthy", async () => (await newest()).TaskGroups["app"]?.HealthyAllocs === 1);
    assert.match(await agent.must("job", "promote", "steps"), /successful/);
    assert.deepEqual(
      (await running("steps")).map(({ JobVersion }) => JobVersion),
      [1, 1],
    );
    assert.match(await agent.must("deployment", "list"), /steps +1 +successful/);
  });

  it("scales, and tells who did", async () => {
    await agent.must("job", "scale", "steps", "app", "3");
    await until("three run", async () => (await running("steps")).length === 3);
    assert.match(await agent.must("job", "scaling-events", "steps"), /app +3 +2/);
  });

  it("restarts where it is, and elsewhere", async () => {
    const before = await running("steps");
    await agent.must("job", "restart", "-batch-size", "100%", "steps");
    assert.deepEqual((await running("steps")).map(({ ID }) => ID).sort(), before.map(({ ID }) => ID).sort());
    await agent.must("job", "restart", "-reschedule", "steps");
    await until("three others run", async () => {
      const now = await running("steps");
      return now.length === 3 && now.every(({ ID }) => !before.some((old) => old.ID === ID));
    });
  });

  it("runs a job that is dispatched, with its facts", async () => {
    await agent.must("job", "run", join(JOBS, "letters.nomad.hcl"));
    const refused = await agent.yurt("job", "dispatch", "letters");
    assert.deepEqual(
      [refused.code, /required meta keys: \[to\]/.test(refused.stderr)],
      [1, true],
      refused.stderr,
    );
    const [, child = ""] =
      /= (letters\/dispatch-\S+)/.exec(await agent.must("job", "dispatch", "-meta", "to=you", "letters")) ??
      [];
    const all = () => agent.get<AllocationView[]>(`/v1/job/${encodeURIComponent(child)}/allocations`);
    await until("it has ended", async () => (await all())[0]?.ClientStatus === "complete");
    const [allocation] = await all();
    await until("it has written", async () =>
      (await agent.must("alloc", "logs", allocation?.ID ?? "")).includes("dear you"),
    );
  });

  const withoutCores = availableParallelism() < 2 && "there is but one processor here";
  it("gives a task cores of its own, and says when there are not so many", {
    skip: withoutCores,
  }, async () => {
    const file = join(JOBS, "core.nomad.hcl");
    await agent.must("job", "run", file);
    const [allocation] = await running("core");
    const status = await agent.must("alloc", "status", allocation?.ID ?? "");
    const [, core] = /Reserved Cores += (\d+)\n/.exec(status) ?? [];
    assert.ok(core, status);
    await until("the task knows it", async () =>
      (await agent.must("alloc", "logs", allocation?.ID ?? "")).includes(`runs on ${core}\n`),
    );
    const { stdout } = await agent.yurt("job", "plan", "-var", "cores=4096", file);
    assert.match(stdout, /4096 cores wanted, \d+ of \d+ cores free/);
    await agent.must("job", "stop", "-purge", "core");
  });

  it("empties its node, says what stands in the way, and goes on when the node is open again", async () => {
    await agent.must("node", "drain", "-enable", "-self", "-force");
    assert.deepEqual(await running("steps"), []);
    // A node that has been emptied is no longer drained, and takes nothing until it is told to.
    const why = /the node is (drained|not eligible for scheduling)/;
    await until("the job says why", async () => why.test(await agent.must("job", "status", "steps")));
    await agent.must("node", "eligibility", "-enable", "-self");
    await until("three run again", async () => (await running("steps")).length === 3);
  });

  it("forgets what has ended", async () => {
    await agent.must("job", "stop", "steps");
    await until("it is forgotten", async () => {
      await agent.must("system", "gc");
      return !(await agent.must("job", "status")).includes("steps");
    });
  });
});
