import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { UpstreamRegistration } from "../../src/model/catalog.ts";
import { until } from "../support/wait.ts";
import { call, callTcp } from "./support/client.ts";
import { defaults, resolver } from "./support/entries.ts";
import type { WrittenEntry } from "./support/entry.ts";
import { GATEWAY_PORT } from "./support/registration.ts";
import type { Scene } from "./support/scene.ts";
import { TestMesh } from "./support/test-mesh.ts";
import { callTls } from "./support/tls-client.ts";
import { leafOf, tell } from "./support/two-meshes.ts";

const PORT = 6001;

const exported = (...names: readonly string[]): WrittenEntry => ({
  ...{ Kind: "exported-services", Name: "default" },
  Services: names.map((Name) => ({ Name, Consumers: [{ Peer: "home" }] })),
});

const intention = (Name: string, Source: object): WrittenEntry => ({
  ...{ Kind: "service-intentions", Name, Sources: [Source] },
});

describe("a service of a peer", () => {
  let home: TestMesh;
  let cloud: TestMesh;
  const ends: { stop(): void }[] = [];
  before(async () => {
    home = await TestMesh.start([
      { service: "web", upstreams: ["api"] },
      { service: "api" },
      { service: "gateway", gateway: "mesh-gateway", instances: [{}, {}] },
      { service: "edge", gateway: "ingress-gateway" },
    ]);
    cloud = await TestMesh.start(
      [
        { service: "api", instances: [{ version: "1" }, { version: "2" }] },
        { service: "db" },
        { service: "gateway", gateway: "mesh-gateway", instances: [{}, {}] },
      ],
      { addressOf: (host) => `127.${230 + (process.pid % 20)}.${process.pid & 255}.${host}` },
    );
    ends.push(tell(cloud.server, home.server, { here: "cloud", there: "home" }));
    ends.push(tell(home.server, cloud.server, { here: "home", there: "cloud" }));
  });
  after(async () => {
    for (const { stop } of ends) stop();
    await home?.[Symbol.asyncDispose]();
    await cloud?.[Symbol.asyncDispose]();
  });

  const place = () => ({ address: home.upstream("web-1", "api").address, port: PORT });
  const upstream = (DestinationName: string, mode = ""): UpstreamRegistration => ({
    ...{ DestinationType: "service", DestinationName, DestinationPeer: "cloud", Datacenter: "" },
    ...{ LocalBindAddress: place().address, LocalBindPort: PORT, LocalBindSocketPath: "" },
    ...{ LocalBindSocketMode: "", Config: {}, MeshGateway: { Mode: mode } },
  });
  /** Makes both meshes hold this, with one upstream of web to the peer's api. */
  const scenes = async (there: Scene, { mode = "", ...here }: Scene & { mode?: string } = {}) => {
    await cloud.scene(there);
    await home.scene({ proxies: { "web-1": { Upstreams: [upstream("api", mode)] } }, ...here });
    await settled();
  };
  const settled = async () => {
    await cloud.settled();
    await home.settled();
  };
  const answers = (body: RegExp) =>
    until(`${body} answers`, async () => body.test((await call(place())).body));
  const tcpAnswers = (body: RegExp) =>
    until(`${body} answers`, async () => body.test((await callTcp(place())).body));

  for (const mode of ["remote", "local"]) {
    it(`is called over TCP, through gateways in the mode ${mode}`, async () => {
      await scenes({ entries: [exported("api")] }, { mode });
      await tcpAnswers(/^api-[12] hello$/);
    });

    it(`is called over HTTP, through gateways in the mode ${mode}`, async () => {
      await scenes({ entries: [exported("api"), defaults("api")] }, { mode });
      await answers(/^api-[12]$/);
      const [received] = ["api-1", "api-2"].flatMap((id) => cloud.application(id).received);
      const uri = `spiffe://${home.server.mesh.trustDomain()}/ns/default/dc/dc1/svc/web`;
      assert.ok(
        received?.headers["x-forwarded-client-cert"]?.endsWith(`;URI=${uri}`),
        "the destination knows who calls",
      );
    });
  }

  it("is not there before it is exported, and no longer when that ends", async () => {
    await scenes({ entries: [defaults("api")] });
    assert.notEqual((await call(place())).status, 200);
    await cloud.change({ entries: [defaults("api"), exported("api")] });
    await answers(/^api-[12]$/);
    await cloud.change({ entries: [defaults("api")] });
    await until("nobody answers", async () => (await call(place())).status !== 200);
  });

  it("is all services, where the wildcard is exported", async () => {
    await scenes({ entries: [exported("*"), defaults("api")] });
    await answers(/^api-[12]$/);
  });

  it("takes no calls of a peer to which it is not exported, whatever its gateway is asked for", async () => {
    await scenes({ entries: [exported("api"), defaults("api")] });
    await answers(/^api-[12]$/);
    const db = `db.default.dc1.internal.${cloud.server.mesh.trustDomain()}`;
    const seen = await callAs(home, cloud, db);
    assert.equal(seen.answer, "");
    assert.match(seen.error, /ALERT|RESET|EPROTO/i);
    const api = `api.default.dc1.internal.${cloud.server.mesh.trustDomain()}`;
    assert.match((await callAs(home, cloud, api)).answer, /200 OK/, "which the one that is exported does");
  });

  it("asks its own intentions, which see the peer and the service", async () => {
    const entries = [exported("api"), defaults("api")];
    await scenes({ entries });
    await answers(/^api-[12]$/);
    const denied = async () => (await call(place())).status === 403;
    await cloud.change({
      entries: [...entries, intention("api", { Name: "web", Peer: "home", Action: "deny" })],
    });
    await until("it is denied", denied);
    await cloud.change({ entries: [...entries, intention("api", { Name: "web", Action: "deny" })] });
    await answers(/^api-[12]$/);
    await cloud.change({
      entries: [...entries, intention("api", { Name: "*", Peer: "home", Action: "deny" })],
    });
    await until("it is denied", denied);
  });

  it("is reached by its resolver's redirect over there", async () => {
    await scenes({ entries: [exported("api"), resolver("api", { Redirect: { Service: "db" } })] });
    await tcpAnswers(/^db-1 hello$/);
  });

  it("is exported by its own mesh alone, and not by one that redirects to it", async () => {
    const there = [exported("api", "db"), resolver("api", { Redirect: { Service: "api", Peer: "home" } })];
    await scenes({ entries: there });
    await until("db alone is told", () => `${cloud.server.mesh.exports.to("home")}` === "db");
    assert.notEqual((await callTcp(place())).error, "");
  });

  it("is what an own service is redirected, split or failed over to", async () => {
    const there = { entries: [exported("api"), defaults("api")] };
    const own = (...entries: readonly WrittenEntry[]) => ({
      entries: [defaults("api"), defaults("away"), ...entries],
    });
    const here = () => home.call("api");
    await cloud.scene(there);
    await home.scene(own(resolver("api", { Redirect: { Service: "api", Peer: "cloud" } })));
    await until("the peer answers", async () => /^api-[12]$/.test((await here()).body));
    const received = () => ["api-1", "api-2"].flatMap((id) => cloud.application(id).received).length;
    assert.ok(received() > 0);
    await home.scene(
      own(resolver("away", { Redirect: { Service: "api", Peer: "cloud" } }), {
        Kind: "service-splitter",
        Name: "api",
        Splits: [{ Weight: 50 }, { Weight: 50, Service: "away" }],
      }),
    );
    const before = received();
    await home.shares("api", 40);
    assert.ok(received() - before > 5, `${received() - before} of 40 went to the peer`);
    assert.ok(home.application("api-1").received.length > 5);
    await home.scene({
      ...own(resolver("api", { Failover: { "*": { Targets: [{ Peer: "cloud" }] } } })),
      health: { "api-1": "critical" },
    });
    const atFailover = received();
    await until("the peer answers", async () => (await here()).status === 200 && received() > atFailover);
  });

  it("is reached by clients of an ingress gateway, where an own service is failed over or redirected to it", async () => {
    const Listeners = [{ Port: 9000, Protocol: "http", Services: [{ Name: "api", Hosts: ["*"] }] }];
    const edge = { Kind: "ingress-gateway", Name: "edge", Listeners };
    const spare = resolver("api", { Failover: { "*": { Targets: [{ Peer: "cloud" }] } } });
    await cloud.scene({ entries: [exported("api"), defaults("api")] });
    await home.scene({ entries: [defaults("api"), edge, spare] });
    const received = () => ["api-1", "api-2"].flatMap((id) => cloud.application(id).received);
    assert.equal((await call(home.gateway("edge-1", 9000))).status, 200);
    assert.equal(received().length, 0, "the own one goes before");
    await home.change({ entries: [defaults("api"), edge, spare], health: { "api-1": "critical" } });
    await until("the peer answers", async () => {
      const { status } = await call(home.gateway("edge-1", 9000));
      return status === 200 && received().length > 0;
    });
    const [seen] = received();
    assert.match(
      seen?.headers["x-forwarded-client-cert"] ?? "",
      /\/svc\/edge$/,
      "it is called by the gateway",
    );
  });

  it("gets no calls while all its instances are ill", async () => {
    const entries = [exported("api"), defaults("api")];
    await scenes({ entries });
    await answers(/^api-[12]$/);
    await cloud.change({ entries, health: { "api-1": "critical", "api-2": "critical" } });
    await until("there is nobody", async () => /no healthy upstream/.test((await call(place())).body));
  });

  it("is called by another gateway when one is gone", async () => {
    const entries = [exported("api"), defaults("api")];
    await scenes({ entries });
    await answers(/^api-[12]$/);
    await cloud.change({ entries, health: { "gateway-1": "critical" } });
    const counts = async () =>
      Promise.all(
        ["gateway-1", "gateway-2"].map(async (id) => {
          const stats = await cloud.member(id).envoy.stats("tcp.mesh_gateway_local.downstream_cx_total");
          return Object.values(stats).reduce((sum, count) => sum + count, 0);
        }),
      );
    const endpoints = () => home.server.mesh.instances.gatewaysOf({ kind: "peer", name: "cloud" });
    await until("home knows", () => endpoints().filter(({ healthy }) => healthy).length === 1);
    await settled();
    // Connections are kept: a proxy that starts anew would not have one.
    await home.scene({
      proxies: { "web-1": { Upstreams: [{ ...upstream("api"), Config: { connect_timeout_ms: 700 } }] } },
    });
    const [before] = await counts();
    for (const _ of [1, 2, 3]) await answers(/^api-[12]$/);
    const [after, other] = await counts();
    assert.equal(after, before);
    assert.ok((other ?? 0) > 0);
  });
});

/** What a client sees with a certificate of one mesh's web, at a gateway of another. */
async function callAs(from: TestMesh, at: TestMesh, serverName: string) {
  const leaf = await leafOf(from.server, "web");
  const authority = at.server.mesh.certificates.trustBundle();
  return callTls(at.gateway("gateway-1", GATEWAY_PORT), { serverName, authority, leaf });
}
