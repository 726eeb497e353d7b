import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { readOnce } from "../../src/mesh/cells.ts";
import { explain } from "../../src/mesh/explain/explain.ts";
import { until } from "../support/wait.ts";
import { call, callGrpc, callHttp2, callTcp } from "./support/client.ts";
import { defaults, route, router } from "./support/entries.ts";
import type { WrittenEntry } from "./support/entry.ts";
import { TestMesh } from "./support/test-mesh.ts";
import { callTls } from "./support/tls-client.ts";

type Fields = Readonly<Record<string, unknown>>;

const ingress = (fields: Fields): WrittenEntry => ({ Kind: "ingress-gateway", Name: "edge", ...fields });
const listener = (Port: number, Protocol: string, ...Services: readonly (string | Fields)[]) => ({
  Port,
  Protocol,
  Services: Services.map((service) => (typeof service === "string" ? { Name: service } : service)),
});
const allow = (source: string, destination: string, Action = "allow"): WrittenEntry => ({
  Kind: "service-intentions",
  Name: destination,
  Sources: [{ Name: source, Action }],
});

describe("an ingress gateway", () => {
  let mesh: TestMesh;
  before(async () => {
    mesh = await TestMesh.start([
      { service: "edge", gateway: "ingress-gateway" },
      { service: "web" },
      { service: "api" },
    ]);
  });
  after(() => mesh[Symbol.asyncDispose]());

  const PORT = 9000;
  const place = (port = PORT) => mesh.gateway("edge-1", port);
  const host = (Host: string) => ({ headers: { Host } });
  const byHost = (name: string) => call(place(), "/", host(name));

  it("carries the connections of a tcp listener", async () => {
    await mesh.scene({ entries: [ingress({ Listeners: [listener(PORT, "tcp", "api")] })] });
    assert.equal((await callTcp(place())).body, "api-1 hello");
  });

  it("sends requests by their host to one service or another, whatever port stands in it", async () => {
    const http = listener(
      PORT,
      "http",
      { Name: "web", Hosts: ["web.example.com"] },
      { Name: "api", Hosts: ["*.example.org"] },
    );
    await mesh.scene({ entries: [defaults("web"), defaults("api"), ingress({ Listeners: [http] })] });
    assert.equal((await call(place(), "/", host("web.example.com"))).body, "web-1");
    assert.equal((await call(place(), "/", host("web.example.com:8080"))).body, "web-1");
    assert.equal((await call(place(), "/", host("x.example.org"))).body, "api-1");
    assert.equal((await call(place(), "/", host("else.example.net"))).status, 404);
  });

  it("answers for a service without hosts to <service>.ingress.<anything>", async () => {
    await mesh.scene({
      entries: [defaults("web"), defaults("api"), ingress({ Listeners: [listener(PORT, "http", "*")] })],
    });
    assert.equal((await call(place(), "/", host("web.ingress.consul"))).body, "web-1");
    assert.equal((await call(place(), "/", host("api.ingress.dc1.consul:9000"))).body, "api-1");
    assert.equal((await call(place(), "/", host("db.ingress.consul"))).status, 404);
  });

  it("has behind the wildcard those of the listener's protocol alone", async () => {
    await mesh.scene({ entries: [defaults("web"), ingress({ Listeners: [listener(PORT, "http", "*")] })] });
    assert.equal((await call(place(), "/", host("web.ingress.consul"))).body, "web-1");
    assert.equal((await call(place(), "/", host("api.ingress.consul"))).status, 404);
  });

  it("speaks HTTP/2 and gRPC", async () => {
    const h2 = listener(PORT, "http2", { Name: "web", Hosts: ["*"] });
    const grpc = listener(PORT + 1, "grpc", { Name: "api", Hosts: ["*"] });
    await mesh.scene({
      entries: [
        defaults("web", { Protocol: "http2" }),
        defaults("api", { Protocol: "grpc" }),
        ingress({ Listeners: [h2, grpc] }),
      ],
    });
    assert.equal((await callHttp2(place())).body, "web-1");
    const seen = await callGrpc(place(PORT + 1), "/test.Service/Method", "hello");
    assert.deepEqual([seen.grpcStatus, seen.body], [0, "api-1"]);
  });

  it("follows the routes of the services behind it, and changes headers", async () => {
    const RequestHeaders = { Add: { "x-edge": "1" }, Remove: ["x-secret"] };
    const http = listener(PORT, "http", {
      ...{ Name: "web", Hosts: ["*"], RequestHeaders },
      ResponseHeaders: { Set: { "x-out": "2" } },
    });
    await mesh.scene({
      entries: [
        ...[defaults("web"), defaults("api"), ingress({ Listeners: [http] })],
        router("web", route({ PathPrefix: "/api" }, { Service: "api" })),
      ],
    });
    const seen = await call(place(), "/api/x", { headers: { "x-secret": "3" } });
    assert.deepEqual([seen.body, seen.headers["x-out"]], ["api-1", "2"]);
    const received = mesh.application("api-1").received[0]?.headers;
    assert.deepEqual([received?.["x-edge"], received?.["x-secret"]], ["1", undefined]);
  });

  it("is the source that intentions see", async () => {
    const entries = [
      defaults("web"),
      ingress({ Listeners: [listener(PORT, "http", { Name: "web", Hosts: ["*"] })] }),
    ];
    await mesh.scene({ entries: [...entries, allow("edge", "web", "deny")] });
    assert.equal((await call(place())).status, 403);
    await mesh.change({ entries: [...entries, allow("other", "web", "deny")] });
    assert.equal((await call(place())).status, 200);
  });

  it("is explained as a way in", async () => {
    const http = listener(PORT, "http", { Name: "web", Hosts: ["*"] });
    await mesh.scene({ entries: [defaults("web"), ingress({ Listeners: [http] })] });
    const asked = { source: "edge", destination: "web", method: "GET", path: "/", headers: new Map() };
    const { upstream, obstacles } = readOnce(() => explain(mesh.server.mesh, asked));
    assert.deepEqual([upstream?.listener, obstacles], [`http:${place().address}:${PORT}`, []]);
    const lost = readOnce(() => explain(mesh.server.mesh, { ...asked, destination: "api" }));
    assert.match(lost.obstacles[0] ?? "", /no gateway of that name leads to "api"/);
  });

  it("sets limits", async () => {
    const web = { Name: "web", Hosts: ["*"], MaxConcurrentRequests: 1 };
    await mesh.scene({ entries: [defaults("web"), ingress({ Listeners: [listener(PORT, "http", web)] })] });
    mesh.application("web-1").answer = () => ({ delay: 500 });
    const seen = await Promise.all([1, 2, 3].map(() => call(place())));
    assert.ok(seen.some(({ status, headers }) => status === 503 && headers["x-envoy-overloaded"] === "true"));
    assert.ok(seen.some(({ status }) => status === 200));
  });

  it("serves TLS with a certificate of the mesh for its hosts", async () => {
    const http = listener(PORT, "http", { Name: "web", Hosts: ["web.example.com"] });
    const TLS = { Enabled: true, TLSMinVersion: "TLSv1_2" };
    await mesh.scene({ entries: [defaults("web"), ingress({ TLS, Listeners: [http] })] });
    const options = { serverName: "web.example.com", authority: mesh.server.mesh.certificates.trustBundle() };
    const answered = async () => {
      const seen = await callTls(place(), options);
      return seen.answer === "" ? undefined : seen;
    };
    const seen = await until("the certificate for the hosts is made", answered);
    assert.match(seen.answer || seen.error, /^HTTP\/1.1 200/);
    assert.match(seen.names, /DNS:\*\.ingress\.consul, DNS:\*\.ingress\.dc1\.consul, DNS:web\.example\.com/);
    assert.equal(seen.error, "");
    const other = await callTls(place(), { ...options, serverName: "else.example.com" });
    assert.equal(other.error, "ERR_TLS_CERT_ALTNAME_INVALID");
    assert.notEqual((await call(place())).status, 200, "without encryption there is no answer");
  });

  it("takes services in and lets them go while requests run", async () => {
    const http = (...names: readonly string[]) =>
      listener(PORT, "http", ...names.map((Name) => ({ Name, Hosts: [`${Name}.example.com`] })));
    const both = [defaults("web"), defaults("api")];
    await mesh.scene({ entries: [...both, ingress({ Listeners: [http("web")] })] });
    const failures: unknown[] = [];
    let isOver = false;
    const running = (async () => {
      while (!isOver) {
        const seen = await call(place(), "/", host("web.example.com"));
        if (seen.body !== "web-1") failures.push(seen);
      }
    })();
    for (const _ of [1, 2]) {
      await mesh.change({ entries: [...both, ingress({ Listeners: [http("web", "api")] })] });
      await until("the api answers", async () => (await byHost("api.example.com")).body === "api-1");
      await mesh.change({ entries: [...both, ingress({ Listeners: [http("web")] })] });
      await until("it does no longer", async () => (await byHost("api.example.com")).status === 404);
    }
    isOver = true;
    await running;
    assert.deepEqual(failures, []);
  });
});
