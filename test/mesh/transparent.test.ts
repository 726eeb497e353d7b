import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { directoryOf } from "../../src/agent/directory.ts";
import { answer } from "../../src/dns/answer.ts";
import { giveVirtualAddresses } from "../../src/server/virtual-addresses.ts";
import { defaults, everyProxy, meshEntry, resolver, route, router } from "./support/entries.ts";
import { PROXY_GROUP, RedirectedNamespace } from "./support/redirected-namespace.ts";
import { TestMesh } from "./support/test-mesh.ts";
import { tell } from "./support/two-meshes.ts";

const run = promisify(execFile);

describe("transparent proxy", () => {
  let namespace: RedirectedNamespace;
  let mesh: TestMesh;
  before(async () => {
    namespace = await RedirectedNamespace.make();
    const plans = [
      { service: "web", within: { namespace: namespace.name, group: PROXY_GROUP } },
      { service: "api", instances: [{ version: "1" }, { version: "2" }] },
      { service: "db" },
    ];
    mesh = await TestMesh.start(plans, { addressOf: (host) => namespace.address(host) });
  });
  after(async () => {
    await mesh[Symbol.asyncDispose]();
    await namespace[Symbol.asyncDispose]();
  });

  const transparent = everyProxy({ Mode: "transparent" });

  const addressOf = (service: string) =>
    mesh.until(`${service} has an address`, () => mesh.server.mesh.virtualAddress(service)?.Address ?? null);

  /** What a program in the namespace is answered, that knows nothing of a proxy. */
  const ask = async (url: string): Promise<string> => {
    const words = ["netns", "exec", namespace.name, "curl", "-s", "-m", "5", "-w", " %{http_code}", url];
    const { stdout } = await run("ip", words).catch((error: { stdout: string }) => error);
    return stdout;
  };

  it("every service of the mesh has an address of its own", async () => {
    await mesh.scene({ entries: [transparent, defaults("api"), defaults("db")] });
    const addresses = await Promise.all(["api", "db", "web"].map(addressOf));
    assert.equal(new Set(addresses).size, 3);
    for (const address of addresses) assert.match(address, /^24\d\.\d+\.\d+\.\d+$/);
  });

  it("a service is reached at its address without a listed upstream", async () => {
    await mesh.scene({ entries: [transparent, defaults("api"), defaults("db")] });
    assert.match(await ask(`http://${await addressOf("api")}/`), /^api-[12] 200$/);
    assert.equal(await ask(`http://${await addressOf("db")}:4321/`), "db-1 200");
  });

  it("its router and resolver hold there too", async () => {
    await mesh.scene({
      entries: [
        transparent,
        defaults("api"),
        defaults("db"),
        resolver("api", { DefaultSubset: "v2", Subsets: { v2: { Filter: "Service.Meta.version == 2" } } }),
        router("api", route({ PathPrefix: "/db" }, { Service: "db" })),
      ],
    });
    const api = await addressOf("api");
    assert.equal(await ask(`http://${api}/`), "api-2 200");
    assert.equal(await ask(`http://${api}/db`), "db-1 200");
  });

  it("tcp services are reached too", async () => {
    await mesh.scene({ entries: [transparent, defaults("db", { Protocol: "tcp" }), defaults("api")] });
    assert.equal(await ask(`http://${await addressOf("db")}/`), "db-1 200");
  });

  it("a service that an intention denies is not reached at its address", async () => {
    const deny = { Kind: "service-intentions", Name: "db", Sources: [{ Name: "web", Action: "deny" }] };
    await mesh.scene({ entries: [transparent, defaults("api"), defaults("db"), deny] });
    assert.doesNotMatch(await ask(`http://${await addressOf("db")}/`), /200$/);
    assert.match(await ask(`http://${await addressOf("api")}/`), /200$/);
  });

  it("an address that an operator has given a service stands for it too", async () => {
    await mesh.scene({ entries: [transparent, defaults("api"), defaults("db")] });
    await addressOf("db");
    await giveVirtualAddresses(mesh.server.state, "db", ["10.99.0.1"]);
    await mesh.settled();
    assert.equal(await ask("http://10.99.0.1/"), "db-1 200");
    await giveVirtualAddresses(mesh.server.state, "api", ["10.99.0.1"]);
    await mesh.settled();
    assert.match(await ask("http://10.99.0.1/"), /^api-[12] 200$/);
    await giveVirtualAddresses(mesh.server.state, "api", []);
  });

  it("TransparentProxy.DialedDirectly: one instance is called at its own address, through the mesh", async () => {
    const at = (id: string) => `http://${mesh.member(id).registration.address}:21000/`;
    await mesh.scene({ entries: [transparent, defaults("api"), defaults("db")] });
    assert.equal(await ask(at("api-2")), " 000");
    const dialed = defaults("api", { TransparentProxy: { DialedDirectly: true } });
    await mesh.scene({ entries: [transparent, dialed, defaults("db")] });
    assert.equal(await ask(at("api-1")), "api-1 200");
    assert.equal(await ask(at("api-2")), "api-2 200");
    assert.equal(await ask(at("db-1")), " 000");
    const deny = { Kind: "service-intentions", Name: "api", Sources: [{ Name: "web", Action: "deny" }] };
    await mesh.scene({ entries: [transparent, dialed, deny] });
    assert.doesNotMatch(await ask(at("api-1")), /200$/);
  });

  it("a service of a peer is reached at the address of its name, by the peer's gateways", async () => {
    const plans = [{ service: "api" }, { service: "gateway", gateway: "mesh-gateway" }] as const;
    await using cloud = await TestMesh.start(plans, { addressOf: (host) => namespace.address(5 + host) });
    const ends = [
      tell(cloud.server, mesh.server, { here: "cloud", there: "home" }),
      tell(mesh.server, cloud.server, { here: "home", there: "cloud" }),
    ];
    const resolved = () => {
      const result = answer(directoryOf(mesh.server), "api.virtual.cloud.consul", "A");
      return result.kind === "answered" ? `${result.answers.map((one) => "data" in one && one.data)}` : null;
    };
    const Services = [{ Name: "api", Consumers: [{ Peer: "home" }] }];
    const exported = { Kind: "exported-services", Name: "default", Services };
    await mesh.scene({ entries: [transparent, defaults("api")] });
    assert.equal(resolved(), null, "before it is exported");
    for (const Protocol of ["http", "tcp"]) {
      await cloud.scene({ entries: [defaults("api", { Protocol }), exported] });
      const address = await mesh.until("it has an address", resolved);
      assert.notEqual(address, await addressOf("api"), "which is not that of the own one");
      await mesh.until("it answers", async () => (await ask(`http://${address}/`)) === "api-1 200");
      assert.ok(cloud.application("api-1").received.length > 0, "that over there");
    }
    const address = resolved();
    const deny = { Kind: "service-intentions", Name: "api" };
    const Sources = [{ Name: "web", Peer: "home", Action: "deny" }];
    await cloud.change({ entries: [defaults("api"), exported, { ...deny, Sources }] });
    await mesh.until("it is denied", async () => (await ask(`http://${address}/`)).endsWith(" 403"));
    await cloud.change({ entries: [defaults("api")] });
    await mesh.until("it has gone", () => resolved() === null);
    await mesh.until("nobody is there", async () => (await ask(`http://${address}/`)) === " 000");
    for (const { stop } of ends) stop();
  });

  it("what is meant for no service goes on as it is", async () => {
    await mesh.scene({ entries: [transparent, defaults("db")] });
    assert.equal(await ask(`http://${mesh.member("db-1").registration.address}:8080/`), "db-1 200");
  });

  it("TransparentProxy.MeshDestinationsOnly: or nowhere", async () => {
    await mesh.scene({
      entries: [transparent, defaults("db"), meshEntry({ TransparentProxy: { MeshDestinationsOnly: true } })],
    });
    assert.equal(await ask(`http://${mesh.member("db-1").registration.address}:8080/`), " 000");
    assert.equal(await ask(`http://${await addressOf("db")}/`), "db-1 200");
  });

  it("Mode of a service's own defaults: its proxies alone", async () => {
    await mesh.scene({ entries: [defaults("web", { Mode: "transparent" }), defaults("db")] });
    assert.equal(await ask(`http://${await addressOf("db")}/`), "db-1 200");
  });
});
