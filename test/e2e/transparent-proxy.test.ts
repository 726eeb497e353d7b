import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { AllocationDetail } from "../../src/cli/views.ts";
import { until } from "../support/wait.ts";
import { allocationOf, callerIn } from "./support/mesh.ts";
import { startAgent, type TestAgent } from "./support/yurt.ts";

const JOBS = join(import.meta.dirname, "jobs");

describe("a job with transparent_proxy", () => {
  let agent: TestAgent;
  let web: AllocationDetail;
  before(async () => {
    agent = await startAgent();
    await agent.must("job", "run", join(JOBS, "api.nomad.hcl"));
    await agent.must("job", "run", join(JOBS, "transparent-web.nomad.hcl"));
    web = await allocationOf(agent, "transparent-web");
  });
  after(() => agent?.[Symbol.asyncDispose]());

  it("reaches a service by its virtual name, without a listed upstream", async () => {
    await using caller = callerIn(web, 80, "api.virtual.consul");
    await until("the service answers", async () => (await caller.call()).status === 200);
  });

  it("cannot reach the service's task past the proxies", async () => {
    const api = await allocationOf(agent, "api");
    await using caller = callerIn(web, 9001, api.NetworkStatus?.Address);
    assert.equal((await caller.call()).status, null);
  });

  it("lets nobody reach its own task past its proxy, but for the ports that it excludes", async () => {
    const api = await allocationOf(agent, "api");
    const address = web.NetworkStatus?.Address;
    await using excluded = callerIn(api, 9003, address);
    await until("the excluded port answers", async () => (await excluded.call()).status === 200);
    await using caller = callerIn(api, 9002, address);
    assert.equal((await caller.call()).status, null);
  });
});
