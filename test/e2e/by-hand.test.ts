import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { status } from "@grpc/grpc-js";
import { AdsClient } from "../support/ads-client.ts";
import { until } from "../support/wait.ts";
import { freePort, startAgent, type TestAgent } from "./support/yurt.ts";

const YURT = fileURLToPath(new URL("../../bin/yurt", import.meta.url));

describe("services that no job runs, with Envoys started by hand", () => {
  let agent: TestAgent;
  let application: Server;
  let upstream: number;
  const envoys: ChildProcess[] = [];
  const admins: string[] = [];
  /** How each check of the application has come. */
  const checked: string[] = [];

  before(async () => {
    agent = await startAgent({ dev: true });
    application = createServer(({ url, headers }, response) => {
      // An Envoy gives each request an id.
      if (url === "/page") checked.push("x-request-id" in headers ? "through the proxy" : "straight");
      response.end("from the api");
    }).listen(0, "127.0.0.1");
    await once(application, "listening");
    const { port } = application.address() as { port: number };
    upstream = await freePort();
    const file = join(agent.folder, "services.hcl");
    writeFileSync(file, registrations(port, upstream));
    assert.match(
      await agent.must("services", "register", file),
      /Registered service: api\nRegistered service: web/,
    );
    for (const id of ["api-1", "web"]) envoys.push(await startEnvoy("-sidecar-for", id));
    await until("requests pass", async () => (await call()) === "from the api");
  });
  after(async () => {
    for (const envoy of envoys) envoy.kill();
    application?.close();
    await agent?.[Symbol.asyncDispose]();
  });

  async function startEnvoy(...which: readonly string[]): Promise<ChildProcess> {
    const admin = `127.0.0.1:${await freePort()}`;
    admins.push(admin);
    const words = [
      "connect",
      "envoy",
      ...which,
      "-admin-bind",
      admin,
      "--",
      "-l",
      "error",
      "--concurrency",
      "1",
    ];
    const env = { ...process.env, CONSUL_HTTP_ADDR: agent.consulApi, CONSUL_GRPC_ADDR: agent.grpcAddress };
    return spawn(YURT, words, { env, stdio: "inherit" });
  }

  /** What the web's application sees of its upstream; null when the connection is closed. */
  async function call(): Promise<string | null> {
    // Rules of a TCP service are asked when a connection begins, so each call has its own.
    const options = { signal: AbortSignal.timeout(2000), headers: { connection: "close" } };
    const answer = fetch(`http://127.0.0.1:${upstream}/`, options);
    return answer.then(
      (response) => response.text(),
      () => null,
    );
  }

  const put = async (path: string, body?: object) => {
    const response = await fetch(`${agent.consulApi}${path}`, {
      method: "PUT",
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  };

  it("obeys an intention", async () => {
    await agent.must("intention", "create", "-deny", "web", "api");
    await until("the request is refused", async () => (await call()) === null);
    await agent.must("intention", "delete", "web", "api");
    await until("it passes again", async () => (await call()) === "from the api");
  });

  it("sends nobody to an instance whose check fails or that is in maintenance", async () => {
    assert.equal((await put("/v1/agent/check/fail/ttl-of-api?note=broken")).status, 200);
    await until("there is nobody to send to", async () => (await call()) === null);
    const health = await fetch(`${agent.consulApi}/v1/agent/health/service/id/api-1`);
    assert.equal(health.status, 503);
    assert.equal((await put("/v1/agent/check/pass/ttl-of-api")).status, 200);
    await until("it is well again", async () => (await call()) === "from the api");
    await put("/v1/agent/service/maintenance/api-1?enable=true&reason=tired");
    await until("it is in maintenance", async () => (await call()) === null);
    await put("/v1/agent/service/maintenance/api-1?enable=false");
    await until("it is back", async () => (await call()) === "from the api");
  });

  it("asks for checks through the proxy where an entry says so, and straight again where none does", async () => {
    const { port } = application.address() as { port: number };
    const page = {
      Name: "page",
      ServiceID: "api-1",
      HTTP: `http://127.0.0.1:${port}/page`,
      Interval: "100ms",
    };
    await put("/v1/agent/check/register", page);
    const isPassing = async () => {
      const checks = await (await fetch(`${agent.consulApi}/v1/agent/checks`)).json();
      return (checks as Record<string, { Status: string }>)["page"]?.Status === "passing";
    };
    const comes = (how: string) =>
      until(`the check comes ${how}`, async () => checked.at(-1) === how && (await isPassing()));
    await comes("straight");
    await put("/v1/config", { Kind: "service-defaults", Name: "api", Expose: { Checks: true } });
    await comes("through the proxy");
    await fetch(`${agent.consulApi}/v1/config/service-defaults/api`, { method: "DELETE" });
    await comes("straight");
    await put("/v1/agent/check/deregister/page");
    await until("requests pass", async () => (await call()) === "from the api");
  });

  it("shows how the proxies are, what they hold, and whether that is what they should", async () => {
    const synced = async () => (await agent.must("mesh", "status")).match(/ for \S+ +yes /g) ?? [];
    await until("both are synced", async () => (await synced()).length === 2);
    const status = await agent.must("mesh", "status", "web");
    assert.match(
      status,
      /^Proxy +Service +Kind +Connected +Synced +Certificate for +Listeners +Routes +Clusters +Endpoints\n/,
    );
    assert.match(status, /^web-sidecar-proxy +web +sidecar +for \S+ +yes +2d23h +2 +0 +2 +1$/m);
    const admin = admins[1] ?? "";
    const config = await agent.must("proxy", "config", "web", "-admin", admin);
    assert.match(
      config,
      /^api:127.0.0.1:\d+ +127.0.0.1:\d+ +outbound +tcp_proxy +api\.default\.dc1\.internal\./m,
    );
    assert.match(config, /^leaf +certificate +spiffe:\/\/[^/]+\/ns\/default\/dc\/dc1\/svc\/web +20/m);
    assert.match(config, /^api\.default\.dc1\S+ +\d+[.\d]+:21000 +healthy +1$/m);
    assert.match(
      await agent.must("mesh", "diff", "web", "-admin", admin),
      /web-sidecar-proxy holds what it should/,
    );
    const other = await agent.yurt("mesh", "diff", "web", "-admin", admins[0] ?? "");
    assert.equal(other.code, 2);
    assert.match(other.stdout, /^listener +public_listener:0.0.0.0:21001 +the proxy does not hold it$/m);
    assert.match((await agent.yurt("mesh", "diff", "web")).stderr, /say where its admin interface is/);
  });

  it("tells Prometheus what its discovery service does", async () => {
    const text = await (await fetch(`${agent.consulApi}/v1/agent/metrics?format=prometheus`)).text();
    const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
    assert.equal(value("yurt_xds_streams"), 2);
    assert.ok(value("yurt_xds_pushes_total") > 10);
    assert.ok(value("yurt_xds_sync_seconds_count") >= 2);
    assert.equal(value("yurt_xds_push_bytes_count"), value("yurt_xds_pushes_total"));
    assert.ok(value("yurt_mesh_leaf_expiry_seconds") > 71 * 3600);
    const { Gauges } = await agent.get<{ Gauges: { Name: string; Value: number }[] }>("/v1/metrics");
    assert.equal(Gauges.find(({ Name }) => Name === "yurt_xds_streams")?.Value, 2);
  });

  it("refuses a stream for a proxy that is not registered, and says what to do", async () => {
    using client = new AdsClient(agent.grpcAddress, "nobody");
    const refusal = await client.refusal();
    assert.equal(refusal?.code, status.FAILED_PRECONDITION);
    assert.match(refusal?.details ?? "", /no proxy "nobody" is registered: register it/);
  });

  it("gives each sidecar a port of its own, and keeps it when the service is registered again", async () => {
    await Promise.all([1, 2, 3].map((n) => put("/v1/agent/service/register", sidecar(`many-${n}`))));
    const ports = await portsOf();
    assert.equal(new Set(ports.values()).size, ports.size);
    await put("/v1/agent/service/register", sidecar("many-2"));
    assert.equal((await portsOf()).get("many-2-sidecar-proxy"), ports.get("many-2-sidecar-proxy"));
    await put("/v1/agent/service/deregister/many-2");
    assert.equal((await portsOf()).has("many-2-sidecar-proxy"), false);
  });

  const sidecar = (name: string) => ({ name, port: 80, connect: { sidecar_service: {} } });
  const portsOf = async () => {
    const services = await fetch(`${agent.consulApi}/v1/agent/services`);
    const all = (await services.json()) as Record<string, { ID: string; Port: number; Kind?: string }>;
    return new Map(
      Object.values(all)
        .filter(({ Kind }) => Kind === "connect-proxy")
        .map(({ ID, Port }) => [ID, Port]),
    );
  };

  it("tells what is wrong with a registration", async () => {
    const nameless = await put("/v1/agent/service/register", { port: 1 });
    assert.deepEqual(nameless, { status: 400, text: "Name: Invalid service: Missing service name." });
    const proxy = await put("/v1/agent/service/register", { name: "p", kind: "connect-proxy", port: 1 });
    assert.match(proxy.text, /DestinationServiceName must be non-empty/);
    const unknown = await put("/v1/agent/service/register", { name: "p", prot: 1 });
    assert.match(unknown.text, /prot: Unsupported argument: .* Did you mean "Port"\?/);
    assert.equal((await put("/v1/agent/service/deregister/nobody")).status, 404);
  });

  it("keeps nodes that a registration names, without an agent on them", async () => {
    const Service = { ID: "db1", Service: "db", Port: 5432 };
    const Check = { Name: "db", Status: "passing", ServiceID: "db1" };
    assert.equal(
      (await put("/v1/catalog/register", { Node: "far", Address: "10.9.8.7", Service, Check })).text,
      "true",
    );
    const health = await fetch(`${agent.consulApi}/v1/health/service/db?passing`);
    const [row] = (await health.json()) as { Node: { Address: string }; Service: { Port: number } }[];
    assert.deepEqual([row?.Node.Address, row?.Service.Port], ["10.9.8.7", 5432]);
    assert.match(await agent.must("catalog", "nodes"), /^far /m);
    await put("/v1/catalog/deregister", { Node: "far" });
    assert.doesNotMatch(await agent.must("catalog", "services"), /^db$/m);
  });

  it("runs a gateway that it registers itself", async () => {
    const port = await freePort();
    const exposed = ["-ingress-gateway", "front", "-service", "api", "-port", String(port)];
    await agent.must("connect", "expose", ...exposed);
    const gateway = ["-gateway", "ingress", "-register", "-service", "front"];
    envoys.push(await startEnvoy(...gateway, "-address", `127.0.0.1:${port}`));
    await until("the api answers through the gateway", async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2000) });
      return (await answer.text()) === "from the api";
    });
    const unknown = await agent.yurt("connect", "envoy", "-gateway", "magic", "-bootstrap");
    assert.match(unknown.stderr, /-gateway is ingress, terminating, mesh, api, not "magic"/);
  });

  it("takes a service and its sidecar away", async () => {
    await agent.must("services", "deregister", "-id", "api-1");
    await until("nobody is left to send to", async () => (await call()) === null);
    assert.doesNotMatch(await agent.must("catalog", "services"), /^api/m);
  });
});

const registrations = (port: number, upstream: number) => `
service {
  name = "api"
  id   = "api-1"
  port = ${port}
  checks = [
    { check_id = "ttl-of-api", name = "TTL", ttl = "1h", status = "passing" },
    { name = "answers", http = "http://127.0.0.1:${port}/", interval = "1s" }
  ]
  connect {
    sidecar_service {
    }
  }
}

service {
  name = "web"
  port = 1
  connect {
    sidecar_service {
      proxy {
        upstreams = [{ destination_name = "api", local_bind_port = ${upstream} }]
      }
    }
  }
}
`;
