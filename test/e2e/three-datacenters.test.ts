import assert from "node:assert/strict";
import { Resolver } from "node:dns/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { until } from "../support/wait.ts";
import { freePort, run, startAgent, type TestAgent } from "./support/yurt.ts";

describe("three datacenters, of which the third knows the second alone", () => {
  const agents: TestAgent[] = [];
  const resolver = new Resolver({ timeout: 5000, tries: 1 });
  let ports: number[];
  let tokenFile: string;
  const joining = (name: string, port: number | undefined, seed: number | undefined) => [
    ...["-server", "-rpc-port", "-1", "-datacenter", name, "-primary-datacenter", "dc1"],
    ...["-wan-port", `${port}`, "-join-wan", `127.0.0.1:${seed}`, "-wan-token-file", tokenFile],
  ];
  before(async () => {
    ports = [await freePort(), await freePort(), await freePort()];
    const [first, second, third] = ports;
    const dnsPort = await freePort();
    resolver.setServers([`127.0.0.1:${dnsPort}`]);
    const flags = ["-server", "-rpc-port", "-1", "-datacenter", "dc1", "-wan-port", `${first}`];
    agents.push(await startAgent({ flags: [...flags, "-dns-port", `${dnsPort}`] }));
    tokenFile = join(agents[0]?.dataDir ?? "", "server", "wan-token");
    agents.push(await startAgent({ flags: joining("dc2", second, first) }));
    agents.push(await startAgent({ flags: joining("dc3", third, second) }));
  });
  after(() => Promise.all(agents.map((agent) => agent[Symbol.asyncDispose]())));

  const agent = (datacenter: 1 | 2 | 3) => {
    const found = agents[datacenter - 1];
    assert.ok(found);
    return found;
  };

  it("all know all", async () => {
    for (const each of agents)
      await until("it knows all", async () =>
        (await each.must("catalog", "datacenters")).startsWith("dc1\ndc2\ndc3\n"),
      );
  });

  it("what the third writes holds in the second", async () => {
    await agent(3).must("intention", "create", "-deny", "a", "b");
    await until("the second has it", async () => /deny/.test(await agent(2).must("intention", "list")));
  });

  it("a command asks another datacenter, or says which there are", async () => {
    await agent(1).must("kv", "put", "-datacenter", "dc3", "place", "third");
    assert.equal((await agent(2).must("kv", "get", "-datacenter", "dc3", "place")).trim(), "third");
    const own = await agent(1).yurt("kv", "get", "place");
    assert.equal(own.code, 1);
    const lost = await agent(1).yurt("kv", "get", "-datacenter", "dc9", "place");
    assert.match(lost.stderr, /there is no "dc9"; there are dc1, dc2, dc3/);
  });

  it("names with another datacenter in them are answered by that one", async () => {
    const registration = {
      ...{ Node: "outside", Address: "10.9.8.6" },
      Service: { ID: "api", Service: "api", Port: 8080, Address: "10.9.8.7" },
    };
    const answer = await fetch(`${agent(3).consulApi}/v1/catalog/register`, {
      method: "PUT",
      body: JSON.stringify(registration),
    });
    assert.equal(answer.status, 200, await answer.text());
    assert.deepEqual(await resolver.resolve4("api.service.dc3.consul"), ["10.9.8.7"]);
    assert.deepEqual(await resolver.resolve4("outside.node.dc3.consul"), ["10.9.8.6"]);
    for (const name of ["api.service.consul", "api.service.dc2.consul", "api.service.dc9.consul"])
      await assert.rejects(resolver.resolve4(name), { code: "ENOTFOUND" });
  });

  it("one with a name that is taken is refused, and told what to do", async () => {
    const words = ["-datacenter", "dc2", "-wan-port", `${await freePort()}`];
    const flags = ["-server", "-rpc-port", "-1", ...words, "-primary-datacenter", "dc1"];
    const other = await startAgent({
      flags: [...flags, "-join-wan", `127.0.0.1:${ports[1]}`, "-wan-token-file", tokenFile],
    });
    try {
      await until("it is told", () =>
        /called dc2 is there already: give this one another/.test(other.output()),
      );
    } finally {
      await other[Symbol.asyncDispose]();
    }
  });

  it("flags that do not fit are refused before anything starts", async () => {
    const refused = async (...words: readonly string[]) => {
      const { code, stderr } = await run(["agent", "-dev", ...words]);
      assert.equal(code, 1);
      return stderr;
    };
    assert.match(await refused("-primary-datacenter", "dc0"), /-join-wan/);
    assert.match(await refused("-join-wan", "127.0.0.1:1"), /-wan-token-file/);
    assert.match(await refused("-wan-port", "8302", "-bind", "0.0.0.0"), /-advertise-wan/);
    const missing = ["-join-wan", "127.0.0.1:1", "-wan-token-file", "/nowhere"];
    assert.match(await refused(...missing), /the wan token cannot be read from \/nowhere/);
  });

  it("a secondary's folder does not start as a mesh of its own", async () => {
    await agent(2).kill("SIGTERM");
    const words = ["agent", "-server", "-rpc-port", "-1", "-datacenter", "dc2"];
    const { code, stderr } = await run([...words, "-data-dir", agent(2).dataDir]);
    assert.equal(code, 1);
    assert.match(stderr, /below dc1: name that with -primary-datacenter/);
  });
});
