import assert from "node:assert/strict";
import { Resolver } from "node:dns/promises";
import { after, before, describe, it } from "node:test";
import { until } from "../support/wait.ts";
import { freePort, startAgent, type TestAgent } from "./support/yurt.ts";

describe("names of services", () => {
  let agent: TestAgent;
  const resolver = new Resolver({ timeout: 2000, tries: 1 });
  before(async () => {
    const port = await freePort();
    agent = await startAgent({ flags: ["-dns-port", String(port)] });
    resolver.setServers([`127.0.0.1:${port}`]);
    const body = {
      Name: "api",
      Port: 8080,
      Address: "10.9.8.7",
      Tags: ["v1"],
      Connect: { SidecarService: {} },
    };
    const answer = await fetch(`${agent.consulApi}/v1/agent/service/register`, {
      method: "PUT",
      body: JSON.stringify(body),
    });
    assert.equal(answer.status, 200, await answer.text());
  });
  after(() => agent[Symbol.asyncDispose]());

  it("<service>.service.consul: where its instances are", async () => {
    assert.deepEqual(await resolver.resolve4("api.service.consul"), ["10.9.8.7"]);
    assert.deepEqual(await resolver.resolve4("v1.api.service.consul"), ["10.9.8.7"]);
    const [record] = await resolver.resolveSrv("_api._tcp.service.consul");
    assert.equal(record?.port, 8080);
  });

  it("<service>.virtual.consul: the address that stands for all of them", async () => {
    const addresses = await until("the service has an address", () =>
      resolver.resolve4("api.virtual.consul"),
    );
    assert.match(addresses[0] ?? "", /^240\.\d+\.\d+\.\d+$/);
  });

  it("a name that nobody has is told so", async () => {
    await assert.rejects(resolver.resolve4("nobody.service.consul"), { code: "ENOTFOUND" });
  });
});
