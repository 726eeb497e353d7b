import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { UpstreamRegistration } from "../../src/model/catalog.ts";
import { until } from "../support/wait.ts";
import { call, type Place } from "./support/client.ts";
import { defaults, resolver } from "./support/entries.ts";
import type { WrittenEntry } from "./support/entry.ts";
import { GATEWAY_PORT } from "./support/registration.ts";
import type { Scene } from "./support/scene.ts";
import { TestMesh } from "./support/test-mesh.ts";
import { callTls } from "./support/tls-client.ts";
import { leafOf, tell } from "./support/two-meshes.ts";

/** All three have services of the same names: what a peer's is told by is its mesh alone. */
const NAMES = ["home", "cloud", "lab"] as const;
type Name = (typeof NAMES)[number];

const plans = [
  { service: "web" },
  { service: "api" },
  { service: "db" },
  { service: "gateway", gateway: "mesh-gateway" },
] as const;

const FIRST_PORT = 6001;

const exported = (services: Readonly<Record<string, readonly Name[]>>): WrittenEntry => ({
  ...{ Kind: "exported-services", Name: "default" },
  Services: Object.entries(services).map(([Name, peers]) => ({
    Name,
    Consumers: peers.map((Peer) => ({ Peer })),
  })),
});

const denied = (Name: string, ...Sources: readonly object[]): WrittenEntry => ({
  ...{ Kind: "service-intentions", Name },
  Sources: Sources.map((source) => ({ ...source, Action: "deny" })),
});

describe("three meshes, each the peer of both others", () => {
  const meshes = new Map<Name, TestMesh>();
  const ends: { stop(): void }[] = [];
  const mesh = (name: Name): TestMesh => {
    const found = meshes.get(name);
    assert.ok(found);
    return found;
  };
  before(async () => {
    for (const [at, name] of NAMES.entries()) {
      const addressOf = (host: number) => `127.${250 + at}.${process.pid & 255}.${host}`;
      meshes.set(name, await TestMesh.start(plans, { addressOf }));
    }
    for (const here of NAMES)
      for (const there of NAMES)
        if (here !== there) ends.push(tell(mesh(here).server, mesh(there).server, { here, there }));
  });
  after(async () => {
    for (const { stop } of ends) stop();
    for (const one of meshes.values()) await one[Symbol.asyncDispose]();
  });

  type Upstream = readonly [service: string, peer: Name];
  /** What a mesh holds, and the services of peers that its web calls. */
  type World = Partial<
    Record<Name, { readonly entries: readonly WrittenEntry[]; readonly calls?: Upstream[] } & Scene>
  >;

  const place = (from: Name, at: number): Place => ({
    address: mesh(from).member("web-1").registration.address,
    port: FIRST_PORT + at,
  });
  const upstreamOf = (from: Name, [service, peer]: Upstream, at: number): UpstreamRegistration => ({
    ...{ DestinationType: "service", DestinationName: service, DestinationPeer: peer, Datacenter: "" },
    ...{ LocalBindAddress: mesh(from).member("web-1").registration.address, LocalBindPort: FIRST_PORT + at },
    ...{ LocalBindSocketPath: "", LocalBindSocketMode: "", Config: {} },
  });
  const world = async (scenes: World) => {
    for (const name of NAMES) {
      const { entries = [], calls = [], ...scene } = scenes[name] ?? {};
      const Upstreams = calls.map((upstream, at) => upstreamOf(name, upstream, at));
      const protocols = ["api", "db"].map((service) => defaults(service));
      const proxies = { "web-1": { Upstreams } };
      await mesh(name).scene({ ...scene, entries: [...protocols, ...entries], proxies });
    }
    for (const name of NAMES) await mesh(name).settled();
  };
  const status = async (from: Name, at = 0) => (await call(place(from, at))).status;
  const becomes = (expected: number, from: Name, at = 0) =>
    until(`${from} is answered ${expected}`, async () => (await status(from, at)) === expected);
  const trustDomain = (name: Name) => mesh(name).server.mesh.trustDomain();
  /** Trust domains of those who have called a service, as it has seen them. */
  const callersOf = (name: Name, id: string) => [
    ...new Set(
      mesh(name)
        .application(id)
        .received.map(
          ({ headers }) =>
            /URI=spiffe:\/\/([^/]+)\/[^;]*$/.exec(`${headers["x-forwarded-client-cert"]}`)?.[1],
        ),
    ),
  ];
  /** What web of one mesh is told at the gateway of another that it asks for a name. */
  const askGateway = async (from: Name, at: Name, of: Name, serverName: string) =>
    callTls(mesh(at).gateway("gateway-1", GATEWAY_PORT), {
      serverName,
      authority: mesh(of).server.mesh.certificates.trustBundle(),
      leaf: await leafOf(mesh(from).server, "web"),
    });

  it("call each other's services, of one name, which see who calls", async () => {
    const entries = [exported({ api: NAMES })];
    await world({
      home: {
        entries,
        calls: [
          ["api", "cloud"],
          ["api", "lab"],
        ],
      },
      cloud: {
        entries,
        calls: [
          ["api", "lab"],
          ["api", "home"],
        ],
      },
      lab: {
        entries,
        calls: [
          ["api", "home"],
          ["api", "cloud"],
        ],
      },
    });
    for (const from of NAMES) for (const at of [0, 1]) await becomes(200, from, at);
    for (const name of NAMES) {
      const others = NAMES.filter((other) => other !== name).map(trustDomain);
      assert.deepEqual(callersOf(name, "api-1").sort(), others.sort(), `those who called ${name}`);
    }
  });

  it("are told apart by a service's intentions", async () => {
    const both = [exported({ api: ["home", "lab"] })];
    const calls: Upstream[] = [["api", "cloud"]];
    const worldWith = (...intentions: WrittenEntry[]) =>
      world({
        home: { entries: [], calls },
        lab: { entries: [], calls },
        cloud: { entries: [...both, ...intentions] },
      });
    await worldWith(denied("api", { Name: "web", Peer: "lab" }));
    await becomes(200, "home");
    await becomes(403, "lab");
    await worldWith(denied("api", { Name: "*", Peer: "home" }));
    await becomes(403, "home");
    await becomes(200, "lab");
    assert.deepEqual(callersOf("cloud", "api-1"), [trustDomain("lab")]);
  });

  it("reach what is exported to them alone, whatever they ask a gateway for", async () => {
    await world({
      home: { entries: [], calls: [["db", "cloud"]] },
      lab: {
        entries: [],
        calls: [
          ["db", "cloud"],
          ["api", "cloud"],
        ],
      },
      cloud: { entries: [exported({ db: ["home"], api: ["lab"] })] },
    });
    await becomes(200, "home");
    await becomes(200, "lab", 1);
    assert.notEqual(await status("lab"), 200);
    const [domain, internal] = [trustDomain("cloud"), "default.dc1.internal"];
    const forLab = await askGateway("lab", "cloud", "cloud", `api.default.default.lab.external.${domain}`);
    assert.match(forLab.answer, /200 OK/);
    for (const name of [`db.default.default.home.external.${domain}`, `db.${internal}.${domain}`]) {
      const seen = await askGateway("lab", "cloud", "cloud", name);
      assert.equal(seen.answer, "", name);
      assert.match(seen.error, /ALERT|RESET|EPROTO/i);
      assert.match((await askGateway("home", "cloud", "cloud", name)).answer, /200 OK/);
    }
    assert.deepEqual(callersOf("cloud", "db-1"), [trustDomain("home")]);
  });

  it("do not export what they import", async () => {
    const toLab = exported({ "*": ["lab"], api: ["lab"] });
    const away = resolver("api", { Redirect: { Service: "api", Peer: "cloud" } });
    const calls: Upstream[] = [
      ["api", "home"],
      ["db", "home"],
    ];
    await world({
      home: { entries: [toLab, away] },
      cloud: { entries: [exported({ api: ["home"] })] },
      lab: { entries: [], calls },
    });
    await becomes(200, "lab", 1);
    assert.deepEqual(mesh("home").server.mesh.exports.to("lab"), ["db", "web"]);
    assert.notEqual(await status("lab"), 200);
    const name = `api.default.default.home.external.${trustDomain("cloud")}`;
    const seen = await askGateway("lab", "home", "cloud", name);
    assert.equal(seen.answer, "", "their gateway is not a way to it either");
    assert.match(
      (await askGateway("home", "home", "cloud", name)).answer,
      /200 OK/,
      "which it is for their own",
    );
    assert.deepEqual(callersOf("cloud", "api-1"), [trustDomain("home")]);
  });

  it("do not lead a peer's callers on by a failover to another peer", async () => {
    const spare = resolver("api", { Failover: { "*": { Targets: [{ Peer: "cloud" }] } } });
    await world({
      home: { entries: [exported({ api: ["lab"] }), spare], health: { "api-1": "critical" } },
      cloud: { entries: [exported({ api: ["home"] })] },
      lab: { entries: [], calls: [["api", "home"]] },
    });
    await until("lab knows", () => mesh("lab").server.mesh.peers.service("home", "api") !== undefined);
    assert.notEqual(await status("lab"), 200);
    const name = `api.default.default.lab.external.${trustDomain("home")}`;
    assert.equal((await askGateway("lab", "home", "home", name)).answer, "");
    assert.deepEqual(callersOf("cloud", "api-1"), []);
    await mesh("home").change({ entries: [defaults("api"), exported({ api: ["lab"] }), spare] });
    await becomes(200, "lab");
    assert.match((await askGateway("lab", "home", "home", name)).answer, /200 OK/, "when it is well");
  });
});
