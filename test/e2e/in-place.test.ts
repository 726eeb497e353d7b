import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { AllocationDetail } from "../../src/cli/views.ts";
import type { Deployment } from "../../src/model/deployment.ts";
import { until } from "../support/wait.ts";
import { allocationOf, callerIn } from "./support/mesh.ts";
import { startAgent, type TestAgent } from "./support/yurt.ts";

const JOBS = join(import.meta.dirname, "jobs");
const FILE = join(JOBS, "in-place.nomad.hcl");
const TWO_UPSTREAMS = ["-var", 'tags=["v2"]', "-var", "upstreams={ api = 8080, other = 8081 }"];

describe("a job that changes in what its tasks do not notice", () => {
  let agent: TestAgent;
  let first: AllocationDetail;
  before(async () => {
    agent = await startAgent();
    await agent.must("job", "run", join(JOBS, "api.nomad.hcl"));
    await agent.must("job", "run", FILE);
    first = await allocationOf(agent, "in-place");
  });
  after(() => agent?.[Symbol.asyncDispose]());

  const startOf = ({ TaskStates }: AllocationDetail, task: string) => TaskStates[task]?.StartedAt;

  it("is said by the plan to be updated in place", async () => {
    const { stdout } = await agent.yurt("job", "plan", ...TWO_UPSTREAMS, FILE);
    assert.match(stdout, /Task Group: "web" \(1 in-place update\)/);
    assert.match(stdout, /v2/);
    const replaced = await agent.yurt("job", "plan", "-var", "program=other", FILE);
    assert.match(replaced.stdout, /\(1 create\/destroy update\)/);
  });

  it("keeps its allocation and its processes, and its proxy listens for a further upstream", async () => {
    await agent.must("config", "write", join(JOBS, "..", "services", "other-resolver.hcl"));
    await agent.must("job", "run", ...TWO_UPSTREAMS, FILE);
    const now = await allocationOf(agent, "in-place");
    assert.deepEqual([now.ID, now.JobVersion], [first.ID, 1]);
    for (const task of ["loop", "connect-proxy-web"]) assert.equal(startOf(now, task), startOf(first, task));
    const deployment = await agent.get<Deployment>("/v1/job/in-place/deployment");
    assert.deepEqual(
      [deployment.JobVersion, deployment.Status, deployment.TaskGroups["web"]?.HealthyAllocs],
      [1, "successful", 1],
    );
    const instances = (await (await fetch(`${agent.consulApi}/v1/catalog/service/web`)).json()) as {
      ServiceTags: string[];
    }[];
    assert.deepEqual(
      instances.map(({ ServiceTags }) => ServiceTags),
      [["v2"]],
    );
    await using further = callerIn(now, 8081);
    await until("the new upstream answers", async () => (await further.call()).status === 200);
    await using kept = callerIn(now, 8080);
    assert.equal((await kept.call()).status, 200);
  });

  it("no longer listens for an upstream that is taken away", async () => {
    await agent.must("job", "run", FILE);
    const now = await allocationOf(agent, "in-place");
    assert.equal(now.ID, first.ID);
    await using gone = callerIn(now, 8081);
    await until("it is gone", async () => (await gone.call()).status === null);
    await using kept = callerIn(now, 8080);
    assert.equal((await kept.call()).status, 200);
  });

  it("is replaced when its tasks would notice", async () => {
    await agent.must("job", "run", "-var", "program=other", FILE);
    assert.notEqual((await allocationOf(agent, "in-place")).ID, first.ID);
  });
});
