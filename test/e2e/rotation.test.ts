import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { AllocationDetail, ProxyView } from "../../src/cli/views.ts";
import { allocationOf, callerIn } from "./support/mesh.ts";
import { startAgent, type TestAgent } from "./support/yurt.ts";

const JOBS = join(import.meta.dirname, "jobs");
/** ROTATION_SECONDS=60 in the environment runs it for a minute. */
const DURATION = 1000 * Number(process.env["ROTATION_SECONDS"] ?? 20);
const CALLERS = 4;
const PACE = (1000 * CALLERS) / 200;

describe("rotation of certificates", () => {
  let agent: TestAgent;
  let web: AllocationDetail;
  before(async () => {
    // Renewed after half to three quarters of its life: every four to six seconds.
    agent = await startAgent({ flags: ["-leaf-cert-ttl", "8s"] });
    await agent.must("job", "run", join(JOBS, "api.nomad.hcl"));
    await agent.must("job", "run", join(JOBS, "web.nomad.hcl"));
    web = await allocationOf(agent, "web");
  });
  after(async () => agent?.[Symbol.asyncDispose]());

  it("fails no request, on new connections or kept ones, at 200 a second", async () => {
    const serials = new Set<string>();
    const end = Date.now() + DURATION;
    const failures: string[] = [];
    let requests = 0;
    const load = Array.from({ length: CALLERS }, async (_, index) => {
      await using caller = callerIn(web, 8080);
      for (let next = Date.now(); next < end; next += PACE) {
        const early = next - Date.now();
        if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
        const { status, error } = await (index % 2 === 0 ? caller.call() : caller.callKept());
        requests += 1;
        if (status !== 200) failures.push(`${status} ${error}`);
      }
    });
    const watch = (async () => {
      while (Date.now() < end) {
        serials.add(await serialOf(agent, "api"));
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    })();
    await Promise.all([...load, watch]);
    assert.deepEqual(failures, []);
    assert.ok(requests >= (DURATION / 1000) * 150, `${requests} requests were made`);
    assert.ok(serials.size >= DURATION / 7000, `the api showed ${serials.size} certificates`);
  });
});

async function serialOf(agent: TestAgent, service: string): Promise<string> {
  const proxies = await agent.get<ProxyView[]>("/v1/mesh/proxies");
  const proxy = proxies.find(({ Service }) => Service === service);
  const { certificates } = await agent.get<{ certificates: { cert_chain: { serial_number: string }[] }[] }>(
    `/v1/mesh/proxy/${proxy?.ID}/certs`,
  );
  return certificates
    .flatMap(({ cert_chain }) => cert_chain.map(({ serial_number }) => serial_number))
    .join();
}
