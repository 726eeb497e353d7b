import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { until } from "../support/wait.ts";
import { allocationOf } from "./support/mesh.ts";
import { startAgent } from "./support/yurt.ts";

it("tells what an Envoy would not take in Envoy's own words, and starts no task that needs it", async () => {
  await using agent = await startAgent();
  const path = join(agent.folder, "web.nomad.hcl");
  const job = readFileSync(join(import.meta.dirname, "jobs/web.nomad.hcl"), "utf8");
  // An address that no machine here has: only Envoy can find out.
  const elsewhere = 'local_bind_port = 8080\nlocal_bind_address = "10.9.9.9"';
  writeFileSync(path, job.replace(/local_bind_port +=.*/, elsewhere));
  await agent.must("job", "run", "-detach", path);
  const { ID } = await until("the job is placed", () => allocationOf(agent, "web"));
  const status = await until("the rejection is shown", async () => {
    const text = await agent.must("alloc", "status", ID);
    return text.includes("rejected") ? text : null;
  });
  const words = /rejected listener .*api:10.9.9.9:8080.* keeps what it had: .*cannot bind '10.9.9.9:8080'/;
  assert.match(status, words);
  assert.match(agent.output(), /a proxy rejected its configuration.*cannot bind '10.9.9.9:8080'/);
  const { TaskStates } = await allocationOf(agent, "web");
  assert.equal(TaskStates["loop"]?.State, "pending");
});
