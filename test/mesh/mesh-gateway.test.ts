import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { effect } from "@preact/signals-core";
import type { Leaf } from "../../src/mesh/ca/leaf.ts";
import { ProxyResources } from "../../src/xds/proxy-resources.ts";
import { matchGolden } from "../support/golden.ts";
import { snapshotJson } from "../support/resource-json.ts";
import { until } from "../support/wait.ts";
import { defaults, resolver } from "./support/entries.ts";
import { GATEWAY_PORT } from "./support/registration.ts";
import { TestMesh } from "./support/test-mesh.ts";
import { callTls } from "./support/tls-client.ts";

const DOMAIN = "11111111-2222-3333-4444-555555555555.consul";

describe("a mesh gateway", () => {
  let mesh: TestMesh;
  /** What the proxies of web show. */
  let leaf: Leaf;
  let stop = () => {};
  before(async () => {
    mesh = await TestMesh.start([
      { service: "web" },
      { service: "api", instances: [{ version: "1" }, { version: "2" }] },
      { service: "gateway", gateway: "mesh-gateway" },
    ]);
    let made: Leaf | null = null;
    stop = effect(() => {
      made = mesh.server.mesh.certificates.leaf("web-1-sidecar-proxy", "web");
    });
    leaf = await until("web has a certificate", () => made);
  });
  after(async () => {
    stop();
    await mesh?.[Symbol.asyncDispose]();
  });

  const call = (serverName: string, port = GATEWAY_PORT) =>
    callTls(mesh.gateway("gateway-1", port), {
      serverName,
      authority: mesh.server.mesh.certificates.trustBundle(),
      leaf,
    });
  const nameOf = (service: string) => `${service}.default.dc1.internal.${mesh.server.mesh.trustDomain()}`;
  const uriOf = (service: string) =>
    `URI:spiffe://${mesh.server.mesh.trustDomain()}/ns/default/dc/dc1/svc/${service}`;

  it("holds what its golden file has", async () => {
    const keepalive = {
      envoy_gateway_remote_tcp_enable_keepalive: true,
      envoy_gateway_bind_addresses: { wan: { Address: "127.0.0.1", Port: 18443 } },
    };
    await mesh.scene({
      entries: [
        resolver("api", { Subsets: { v2: { Filter: "Service.Meta.version == 2" } }, ConnectTimeout: "2s" }),
        defaults("web", { Protocol: "tcp" }),
      ],
      proxies: { "gateway-1": { Config: keepalive } },
    });
    const resources = new ProxyResources(mesh.server.mesh);
    let snapshot: ReturnType<typeof resources.snapshot> = null;
    const end = effect(() => {
      snapshot = resources.snapshot("gateway-1");
    });
    const held = await until("it has all that it should hold", () => snapshot);
    end();
    const own = mesh.gateway("web-1", 0).address.replace(/\d+$/, "");
    const text = `${JSON.stringify(snapshotJson(held), null, 2)}\n`
      .replaceAll(mesh.server.mesh.trustDomain(), DOMAIN)
      .replaceAll(own, "10.0.0.");
    matchGolden(join(import.meta.dirname, "goldens", "mesh-gateway.golden.json"), text);
  });

  it("hands connections on by their server name, and ends no encryption", async () => {
    await mesh.scene({ entries: [defaults("api")] });
    const seen = await call(nameOf("api"));
    assert.equal(seen.error, "");
    assert.equal(seen.names, uriOf("api"), "the certificate is that of the service");
    assert.match(seen.answer, /api-[12]/);
    const heard = await mesh.member("gateway-1").envoy.stats("ssl.handshake");
    assert.ok(
      Object.values(heard).every((count) => count === 0),
      "the gateway itself took part in no handshake",
    );
  });

  it("hands connections on to the instances of a subset", async () => {
    const subsets = resolver("api", { Subsets: { v2: { Filter: "Service.Meta.version == 2" } } });
    await mesh.scene({ entries: [defaults("api"), subsets] });
    for (const _ of [1, 2, 3]) assert.match((await call(`v2.${nameOf("api")}`)).answer, /x-instance: api-2/);
  });

  it("leaves out instances that are ill", async () => {
    await mesh.scene({ entries: [defaults("api")], health: { "api-1": "critical" } });
    for (const _ of [1, 2, 3]) assert.match((await call(nameOf("api"))).answer, /x-instance: api-2/);
  });

  it("ends connections for names that it does not know", async () => {
    await mesh.scene({ entries: [defaults("api")] });
    for (const name of [nameOf("none"), "api", "api.example.com"]) {
      const { answer, names, error } = await call(name);
      assert.deepEqual([answer, names], ["", ""]);
      assert.equal(error, "ECONNRESET");
    }
  });

  it("leaves the decision who may to the service", async () => {
    const deny = { Kind: "service-intentions", Name: "api", Sources: [{ Name: "web", Action: "deny" }] };
    await mesh.scene({ entries: [defaults("api"), deny] });
    assert.match((await call(nameOf("api"))).answer, /^HTTP\/1.1 403 /);
  });

  it("listens at its tagged addresses, too", async () => {
    await mesh.scene({
      entries: [defaults("api")],
      proxies: {
        "gateway-1": {
          Config: { envoy_gateway_bind_addresses: { wan: { Address: address(), Port: 9443 } } },
        },
      },
    });
    assert.match((await call(nameOf("api"), 9443)).answer, /api-[12]/);
  });
  const address = () => mesh.gateway("gateway-1", 0).address;

  it("listens with nothing to lead to", async () => {
    await mesh.scene({ without: ["web-1", "api-1", "api-2"] });
    const { error } = await call(nameOf("api"));
    assert.equal(error, "ECONNRESET", "the connection is taken, and ended");
  });

  it("is a gateway of its datacenter, and no service", async () => {
    const resources = new ProxyResources(mesh.server.mesh);
    let uri = "";
    const end = effect(() => {
      resources.snapshot("gateway-1");
      uri = mesh.server.mesh.certificates.meshGatewayLeaf("gateway-1")?.uri ?? "";
    });
    await until("it has a certificate", () => uri !== "");
    end();
    assert.equal(uri, `spiffe://${mesh.server.mesh.trustDomain()}/gateway/mesh/dc/dc1`);
  });
});
