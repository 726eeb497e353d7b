import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { defaults, everyProxy } from "./support/entries.ts";
import { frame } from "./support/grpc-frame.ts";
import { TestMesh } from "./support/test-mesh.ts";
import { headerModule } from "./support/wasm-module.ts";

describe("envoy_extensions", () => {
  let mesh: TestMesh;
  before(async () => {
    mesh = await TestMesh.start([
      { service: "web", upstreams: ["api", "authz"] },
      { service: "api", upstreams: ["authz"] },
      { service: "authz" },
    ]);
  });
  after(() => mesh[Symbol.asyncDispose]());

  const extended = (service: string, Name: string, Arguments: object, more: object = {}) =>
    defaults(service, { EnvoyExtensions: [{ Name, Arguments, ...more }] });

  const api = () => mesh.application("api-1");
  const authz = () => mesh.application("authz-1");

  const script = `
    function envoy_on_request(handle) handle:headers():add("x-lua", "asked") end
    function envoy_on_response(handle) handle:headers():add("x-lua", "answered") end`;

  it("lua inbound: sees requests that come to the service", async () => {
    await mesh.scene({ entries: [extended("api", "builtin/lua", { Listener: "inbound", Script: script })] });
    const { headers } = await mesh.call("api");
    assert.deepEqual([api().received[0]?.headers["x-lua"], headers["x-lua"]], ["asked", "answered"]);
  });

  it("lua outbound: sees requests that the service makes", async () => {
    await mesh.scene({
      entries: [extended("web", "builtin/lua", { Listener: "outbound", Script: script }), defaults("api")],
    });
    await mesh.call("api");
    assert.equal(api().received[0]?.headers["x-lua"], "asked");
  });

  it("lua inbound does not see requests that the service makes", async () => {
    await mesh.scene({
      entries: [extended("web", "builtin/lua", { Listener: "inbound", Script: script }), defaults("api")],
    });
    await mesh.call("api");
    assert.equal(api().received[0]?.headers["x-lua"], undefined);
  });

  it("lua of proxy-defaults holds for every proxy", async () => {
    await mesh.scene({
      entries: [
        everyProxy({
          EnvoyExtensions: [{ Name: "builtin/lua", Arguments: { Listener: "inbound", Script: script } }],
        }),
        defaults("api"),
      ],
    });
    await mesh.call("api");
    assert.equal(api().received[0]?.headers["x-lua"], "asked");
  });

  const deny = { Name: "api", Sources: [{ Name: "web", Action: "deny" }] };

  it("an extension that cannot be applied is left out", async () => {
    await mesh.scene({ entries: [extended("api", "builtin/lua", { Listener: "inbound", Script: "" })] });
    assert.equal((await mesh.call("api")).status, 200);
  });

  it("Required: a proxy that cannot have an extension keeps what it had", async () => {
    await mesh.scene({ entries: [extended("api", "builtin/lua", { Listener: "inbound", Script: script })] });
    const broken = extended("api", "builtin/lua", { Listener: "inbound", Script: "" }, { Required: true });
    await mesh.write({ entries: [broken, { Kind: "service-intentions", ...deny }] });
    await mesh.until("the refused configuration was looked at", () =>
      mesh.failures.some(({ proxyId }) => proxyId === "api-1-sidecar-proxy"),
    );
    const { status } = await mesh.call("api");
    assert.deepEqual([status, api().received[0]?.headers["x-lua"]], [200, "asked"]);
  });

  it("EnvoyVersion, ConsulVersion: other versions than the named ones go without", async () => {
    const lua = (constraint: object) =>
      extended("api", "builtin/lua", { Listener: "inbound", Script: script }, constraint);
    const isApplied = async (constraint: object) => {
      await mesh.scene({ entries: [lua(constraint)] });
      await mesh.call("api");
      return api().received[0]?.headers["x-lua"] === "asked";
    };
    assert.equal(await isApplied({ EnvoyVersion: ">= 1.30, < 2" }), true);
    assert.equal(await isApplied({ EnvoyVersion: "< 1.30" }), false);
    assert.equal(await isApplied({ ConsulVersion: "~> 1.20" }), true);
    assert.equal(await isApplied({ ConsulVersion: ">= 9" }), false);
  });

  it("EnvoyExtensions of a registration: of one proxy alone", async () => {
    const Arguments = { Listener: "inbound", Script: script };
    const EnvoyExtensions = [
      { Name: "builtin/lua", Arguments, Required: false, ConsulVersion: "", EnvoyVersion: "" },
    ];
    await mesh.scene({ entries: [defaults("api")], proxies: { "api-1": { EnvoyExtensions } } });
    await mesh.call("api");
    assert.equal(api().received[0]?.headers["x-lua"], "asked");
  });

  const plugin = (Code: object) => ({
    Protocol: "http",
    ListenerType: "inbound",
    PluginConfig: { Name: "header", VmConfig: { Runtime: "v8", Code } },
  });

  it("wasm: a module in a file changes requests", async () => {
    const Filename = `${mesh.folder}/header.wasm`;
    writeFileSync(Filename, headerModule("x-wasm", "seen"));
    await mesh.scene({ entries: [extended("api", "builtin/wasm", plugin({ Local: { Filename } }))] });
    assert.equal((await mesh.call("api")).status, 200);
    assert.equal(api().received[0]?.headers["x-wasm"], "seen");
  });

  it("wasm: a module that the proxy fetches", async () => {
    const module = headerModule("x-wasm", "fetched");
    const { address } = mesh.member("authz-1").registration;
    const Remote = { HttpURI: { URI: `http://${address}:8080/header.wasm` }, SHA256: hash("sha256", module) };
    authz().answer = () => ({ message: module });
    await mesh.change({ entries: [extended("api", "builtin/wasm", plugin({ Remote }))] });
    await mesh.until("the module is there", async () => (await mesh.call("api")).status === 200);
    assert.equal(api().received.at(-1)?.headers["x-wasm"], "fetched");
  });

  const patched = (service: string, ...Patches: readonly object[]) =>
    extended(service, "builtin/property-override", { Patches });

  it("property-override of a listener: a field that nothing else sets", async () => {
    const patch = {
      ResourceFilter: { ResourceType: "listener", TrafficDirection: "inbound" },
      Op: "add",
      Path: "/stat_prefix",
      Value: "patched",
    };
    await mesh.scene({ entries: [patched("api", patch)] });
    assert.equal((await mesh.call("api")).status, 200);
    const stats = await mesh.member("api-1").envoy.stats("^listener.patched.downstream_cx_total");
    assert.ok((stats["listener.patched.downstream_cx_total"] ?? 0) > 0);
  });

  it("property-override of an upstream's cluster, of one service alone", async () => {
    const filter = (Name: string) => ({
      ResourceType: "cluster",
      TrafficDirection: "outbound",
      Services: [{ Name }],
    });
    const limits = { thresholds: [{ max_requests: 1 }] };
    const patch = { ResourceFilter: filter("api"), Op: "add", Path: "/circuit_breakers", Value: limits };
    await mesh.scene({ entries: [patched("web", patch), defaults("api"), defaults("authz")] });
    const refused = async (name: string) => {
      for (const application of [api(), authz()]) application.answer = () => ({ delay: 200 });
      const answers = await Promise.all([mesh.call(name), mesh.call(name), mesh.call(name)]);
      return answers.filter(({ status }) => status === 503).length;
    };
    assert.deepEqual([await refused("api"), await refused("authz")], [2, 0]);
  });

  it("property-override of a route's configuration", async () => {
    const header = { header: { key: "x-patched", value: "yes" } };
    const patch = {
      ResourceFilter: { ResourceType: "route", TrafficDirection: "outbound" },
      Op: "add",
      Path: "/response_headers_to_add",
      Value: [header],
    };
    await mesh.scene({ entries: [patched("web", patch), defaults("api")] });
    assert.equal((await mesh.call("api")).headers["x-patched"], "yes");
  });

  it("property-override remove: what Envoy does by itself is back", async () => {
    const patch = {
      ResourceFilter: { ResourceType: "cluster", TrafficDirection: "outbound" },
      Op: "remove",
      Path: "/outlier_detection",
    };
    await mesh.scene({ entries: [patched("web", patch), defaults("api")] });
    api().answer = () => ({ status: 500 });
    for (let i = 0; i < 8; i++) await mesh.call("api");
    api().answer = () => ({});
    assert.equal((await mesh.call("api")).status, 200);
  });

  it("property-override of a field that Envoy does not know changes nothing", async () => {
    const patch = {
      ResourceFilter: { ResourceType: "cluster" },
      Op: "add",
      Path: "/no_such_field",
      Value: 1,
    };
    await mesh.scene({ entries: [patched("web", patch), defaults("api")] });
    assert.equal((await mesh.call("api")).status, 200);
  });

  it("ext-authz over HTTP: a server beside the task decides", async () => {
    const { address } = mesh.member("authz-1").registration;
    const Config = {
      HttpService: {
        Target: { URI: `${address}:8080` },
        AuthorizationRequest: { AllowedHeaders: [{ Exact: "x-token" }] },
        AuthorizationResponse: { AllowedUpstreamHeaders: [{ Exact: "x-who" }] },
      },
    };
    await mesh.scene({ entries: [extended("api", "builtin/ext-authz", { Config })] });
    authz().answer = ({ headers }) =>
      headers["x-token"] === "good" ? { headers: { "x-who": "ann" } } : { status: 403, body: "who are you?" };
    const refused = await mesh.call("api", "/", { headers: { "x-token": "bad" } });
    assert.deepEqual([refused.status, refused.body, api().received.length], [403, "who are you?", 0]);
    assert.equal((await mesh.call("api", "/", { headers: { "x-token": "good" } })).status, 200);
    assert.equal(api().received[0]?.headers["x-who"], "ann");
  });

  it("ext-authz over HTTP: an upstream decides", async () => {
    const Config = {
      HttpService: {
        Target: { Service: { Name: "authz" } },
        AuthorizationRequest: { AllowedHeaders: [{ Prefix: "x-" }] },
      },
    };
    await mesh.scene({ entries: [extended("api", "builtin/ext-authz", { Config }), defaults("authz")] });
    authz().answer = ({ headers }) => ({ status: headers["x-token"] === "good" ? 200 : 401 });
    assert.equal((await mesh.call("api")).status, 401);
    assert.equal((await mesh.call("api", "/", { headers: { "x-token": "good" } })).status, 200);
  });

  it("ext-authz: a server that does not answer refuses all, or none with FailureModeAllow", async () => {
    const { address } = mesh.member("authz-1").registration;
    const config = (FailureModeAllow: boolean) => ({
      Config: { FailureModeAllow, StatusOnError: 503, HttpService: { Target: { URI: `${address}:9` } } },
    });
    await mesh.scene({ entries: [extended("api", "builtin/ext-authz", config(false))] });
    assert.equal((await mesh.call("api")).status, 503);
    await mesh.scene({ entries: [extended("api", "builtin/ext-authz", config(true))] });
    assert.equal((await mesh.call("api")).status, 200);
  });

  it("ext-authz over gRPC: of requests", async () => {
    const { address } = mesh.member("authz-1").registration;
    const Config = { GrpcService: { Target: { URI: `${address}:8080` } } };
    await mesh.scene({ entries: [extended("api", "builtin/ext-authz", { Config })] });
    // CheckResponse without a status refuses nothing; with google.rpc.Status.code 7 it refuses.
    authz().answer = () => ({ message: Buffer.alloc(0) });
    assert.equal((await mesh.call("api")).status, 200);
    authz().answer = () => ({ message: Buffer.from([0x0a, 0x02, 0x08, 0x07]) });
    assert.equal((await mesh.call("api")).status, 403);
    assert.equal(authz().received[0]?.path, "/envoy.service.auth.v3.Authorization/Check");
  });

  it("ext-authz over gRPC: of connections of a tcp service", async () => {
    const { address } = mesh.member("authz-1").registration;
    const Config = { GrpcService: { Target: { URI: `${address}:8080` } } };
    const EnvoyExtensions = [{ Name: "builtin/ext-authz", Arguments: { Config } }];
    await mesh.scene({ entries: [defaults("api", { Protocol: "tcp", EnvoyExtensions })] });
    authz().answer = () => ({ message: Buffer.alloc(0) });
    assert.equal((await mesh.callTcp("api")).body, "api-1 hello");
    authz().answer = () => ({ message: Buffer.from([0x0a, 0x02, 0x08, 0x07]) });
    assert.equal((await mesh.callTcp("api")).body, "");
  });

  it("ext-proc: a server changes requests", async () => {
    const { address } = mesh.member("authz-1").registration;
    const Config = {
      GrpcService: { Target: { URI: `${address}:8080` } },
      ProcessingMode: { RequestHeaderMode: "SEND", ResponseHeaderMode: "SKIP" },
    };
    await mesh.scene({ entries: [extended("api", "builtin/ext-proc", { Config })] });
    authz().stream = () => frame(setHeader("x-proc", "seen"));
    assert.equal((await mesh.call("api")).status, 200);
    assert.equal(api().received[0]?.headers["x-proc"], "seen");
  });

  it("otel-access-logging: a collector is sent a record for each request", async () => {
    const { address } = mesh.member("authz-1").registration;
    const Config = {
      LogName: "requests",
      GrpcService: { Target: { URI: `${address}:8080` } },
      BufferFlushInterval: "50ms",
      Body: "path=%REQ(:PATH)%",
      Attributes: { team: "red" },
    };
    await mesh.scene({ entries: [extended("api", "builtin/otel-access-logging", { Config })] });
    await mesh.call("api", "/looked-at");
    await mesh.until("the record is there", () =>
      authz().received.some(
        ({ path, body }) => path.endsWith("LogsService/Export") && body.includes("path=/looked-at"),
      ),
    );
  });
});

/** ProcessingResponse.request_headers.response.header_mutation.set_headers[0], by its field numbers. */
function setHeader(key: string, value: string): Buffer {
  const field = (number: number, content: Buffer) =>
    Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);
  const header = Buffer.concat([field(1, Buffer.from(key)), field(3, Buffer.from(value))]);
  return field(1, field(1, field(2, field(1, field(1, header)))));
}
