import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { freePort } from "../e2e/support/yurt.ts";
import { until } from "../support/wait.ts";
import { Application } from "./support/application.ts";
import { defaults } from "./support/entries.ts";
import type { WrittenEntry } from "./support/entry.ts";
import { issue, newAuthority } from "./support/outside-authority.ts";
import { TestMesh } from "./support/test-mesh.ts";

type Fields = Readonly<Record<string, unknown>>;

const HOST = "localhost";
const byName = { "shop-1": HOST, "shop-2": HOST };

describe("servers outside, and the gateways to them", () => {
  let mesh: TestMesh;
  let shops: readonly Application[];
  let ports: Record<string, number>;
  before(async () => {
    mesh = await TestMesh.start([
      { service: "web", upstreams: ["shop"] },
      { service: "out", gateway: "terminating-gateway", instances: [{}, {}] },
      { service: "shop", outside: true, instances: [{}, {}] },
    ]);
    shops = await Promise.all(
      ["shop-1", "shop-2"].map(async (name) => new Application(name, "127.0.0.1", await freePort())),
    );
    await Promise.all(shops.map((shop) => shop.listen()));
    ports = Object.fromEntries(shops.map(({ name, port }) => [name, port]));
  });
  after(async () => {
    await mesh?.[Symbol.asyncDispose]();
    for (const shop of shops ?? []) await shop[Symbol.asyncDispose]();
  });

  const link = (fields: Fields = {}): WrittenEntry => ({
    ...{ Kind: "terminating-gateway", Name: "out" },
    Services: [{ Name: "shop", ...fields }],
  });
  const http = [defaults("shop"), link()];
  /** The Host that each server was told. */
  const hostsTold = () => [
    ...new Set(shops.flatMap(({ received }) => received.map(({ headers }) => headers.host))),
  ];
  const named = async (entries: readonly WrittenEntry[], config: Fields = {}) => {
    for (const shop of shops) shop.reset();
    const Config = { ...config };
    await mesh.scene({
      ...{ entries, ports, addresses: byName },
      proxies: { "out-1": { Config }, "out-2": { Config } },
    });
    await until("the host is found", async () => (await mesh.call("shop")).status === 200);
    for (const shop of shops) shop.received.length = 0;
  };

  it("a host with a name is told that name as its Host", async () => {
    await named(http);
    await mesh.call("shop", "/", { headers: { Host: "anything.example.com" } });
    assert.deepEqual(hostsTold(), [HOST]);
  });

  it("DisableAutoHostRewrite leaves the client's Host", async () => {
    await named([defaults("shop"), link({ DisableAutoHostRewrite: true })]);
    await mesh.call("shop", "/", { headers: { Host: "anything.example.com" } });
    assert.deepEqual(hostsTold(), ["anything.example.com"]);
  });

  it("a host with an address is told the client's Host", async () => {
    const addresses = { "shop-1": "127.0.0.1", "shop-2": "127.0.0.1" };
    for (const shop of shops) shop.reset();
    await mesh.scene({ entries: http, ports, addresses });
    await mesh.call("shop", "/", { headers: { Host: "anything.example.com" } });
    assert.deepEqual(hostsTold(), ["anything.example.com"]);
  });

  it("LOGICAL_DNS, the default: of several names one is used", async () => {
    await named(http);
    assert.equal(Object.keys(await mesh.shares("shop", 20)).length, 1);
  });

  it("STRICT_DNS: all names are used", async () => {
    await named(http, { envoy_dns_discovery_type: "STRICT_DNS" });
    await until("both answer", async () => Object.keys(await mesh.shares("shop", 20)).length === 2);
  });

  it("HTTP/2 and gRPC go on as they are", async () => {
    await named([defaults("shop", { Protocol: "http2" }), link()]);
    assert.equal((await mesh.callHttp2("shop")).status, 200);
    assert.deepEqual(
      [...new Set(shops.flatMap(({ received }) => received.map((one) => one.httpVersion)))],
      ["2.0"],
    );
    await mesh.scene({ entries: [defaults("shop", { Protocol: "grpc" }), link()], ports, addresses: byName });
    await until("a call is answered", async () => (await mesh.callGrpc("shop")).grpcStatus === 0);
  });

  it("CAFile without SNI: a host's certificate must be for its name", async () => {
    const folder = mkdtempSync(join(tmpdir(), "yurt-outside-"));
    const authority = await newAuthority(folder, "authority");
    /** How often the gateways would not take a certificate because of its names. */
    const refusals = async () => {
      const all = await Promise.all(
        ["out-1", "out-2"].map((id) => mesh.member(id).envoy.stats("shop.*ssl.fail_verify_san")),
      );
      return all.flatMap(Object.values).reduce((sum, count) => sum + count, 0);
    };
    const statusWith = async (host: string) => {
      const { certificate, key } = await issue(folder, `server-${host}`, host, authority, 2);
      const server = createServer(
        { cert: readFileSync(certificate), key: readFileSync(key) },
        (_, response) => response.end("shop"),
      ).listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as { port: number };
      try {
        await mesh.scene({
          entries: [defaults("shop"), link({ CAFile: authority.certificate })],
          ...{ addresses: byName, ports: { "shop-1": port }, without: ["shop-2"] },
        });
        const { status, body } = await mesh.call("shop");
        return status === 200 ? body : status;
      } finally {
        server.closeAllConnections();
        server.close();
      }
    };
    try {
      assert.equal(await statusWith(HOST), "shop");
      const before = await refusals();
      assert.equal(await statusWith("else.example.com"), 503);
      assert.ok((await refusals()) > before);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("a gateway of two is killed: clients' requests reach the other, and none is lost", async () => {
    const addresses = { "shop-1": "127.0.0.1", "shop-2": "127.0.0.1" };
    await mesh.scene({ entries: http, ports, addresses });
    const used = async (id: string) => {
      const stats = await mesh.member(id).envoy.stats("^http.terminating_gateway.*downstream_rq_completed$");
      return Object.values(stats).reduce((sum, count) => sum + count, 0);
    };
    const before = await used("out-2");
    await until("both gateways are used", async () => {
      await mesh.call("shop");
      return (await used("out-1")) > 0 && (await used("out-2")) > before;
    });
    await mesh.member("out-1").envoy[Symbol.asyncDispose]();
    const statuses = new Set<number>();
    for (let i = 0; i < 50; i++) statuses.add((await mesh.call("shop")).status);
    assert.deepEqual([...statuses], [200]);
  });
});
