import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { readOnce } from "../../src/mesh/cells.ts";
import { until } from "../support/wait.ts";
import { call, callTcp } from "./support/client.ts";
import { defaults } from "./support/entries.ts";
import { entryOf, type WrittenEntry } from "./support/entry.ts";
import { TestMesh } from "./support/test-mesh.ts";
import { callTls, type TlsOptions } from "./support/tls-client.ts";

type Fields = Readonly<Record<string, unknown>>;

const PORT = 9000;
const gateway = (...Listeners: readonly Fields[]): WrittenEntry => ({
  ...{ Kind: "api-gateway", Name: "edge", Listeners },
});
const listener = (Name: string, fields: Fields = {}) => ({ Name, Port: PORT, Protocol: "http", ...fields });
const httpRoute = (Name: string, fields: Fields): WrittenEntry => ({
  ...{ Kind: "http-route", Name, Parents: [{ Name: "edge" }], ...fields },
});
const tcpRoute = (Name: string, service: string): WrittenEntry => ({
  ...{ Kind: "tcp-route", Name, Parents: [{ Name: "edge" }], Services: [{ Name: service }] },
});
const to = (...names: readonly (string | Fields)[]) => ({
  Services: names.map((name) => (typeof name === "string" ? { Name: name } : name)),
});
const prefix = (Value: string) => ({ Path: { Match: "prefix", Value } });

describe("an API gateway", () => {
  let mesh: TestMesh;
  before(async () => {
    mesh = await TestMesh.start([
      { service: "edge", gateway: "api-gateway" },
      { service: "web" },
      { service: "api" },
    ]);
  });
  after(() => mesh[Symbol.asyncDispose]());

  it("has the extensions of its own kind, those of its service's defaults and of proxy-defaults", async () => {
    const lua = (ProxyType: string, Listener: string, header: string) => ({
      Name: "builtin/lua",
      Arguments: {
        ...{ ProxyType, Listener },
        Script: `function envoy_on_request(handle) handle:headers():add("${header}", "seen") end`,
      },
    });
    const own = { EnvoyExtensions: [lua("api-gateway", "outbound", "x-own")] };
    const all = [lua("api-gateway", "outbound", "x-all"), lua("connect-proxy", "outbound", "x-sidecar")];
    const route = httpRoute("r", { Rules: [{ Matches: [prefix("/")], ...to("web") }] });
    await mesh.scene({
      entries: [
        ...[...both, gateway(listener("http")), route, defaults("edge", own)],
        { Kind: "proxy-defaults", Name: "global", EnvoyExtensions: all },
      ],
    });
    await call(place());
    const seen = ["x-own", "x-all", "x-sidecar"].map(
      (name) => mesh.application("web-1").received[0]?.headers[name],
    );
    assert.deepEqual(seen, ["seen", "seen", undefined]);
  });

  const place = () => mesh.gateway("edge-1", PORT);
  const host = (Host: string) => ({ headers: { Host } });
  const both = [defaults("web"), defaults("api")];
  const conditions = (entry: WrittenEntry) =>
    readOnce(() => mesh.server.mesh.gateways.conditions(entryOf(entry)) ?? []).map(
      ({ Type, Status, Reason, Resource }) => [Type, Status, Reason, Resource.SectionName].join(" "),
    );

  it("sends requests as the rules say, the longest path first, and 404 for the rest", async () => {
    const route = httpRoute("r", {
      Rules: [
        { Matches: [prefix("/")], ...to("web") },
        { Matches: [prefix("/api")], ...to("api"), Filters: { URLRewrite: { Path: "/" } } },
      ],
    });
    await mesh.scene({ entries: [...both, gateway(listener("http")), route] });
    assert.equal((await call(place(), "/x")).body, "web-1");
    assert.equal((await call(place(), "/api/orders")).body, "api-1");
    assert.equal(mesh.application("api-1").received[0]?.path, "/orders");
    await mesh.scene({
      entries: [
        ...both,
        gateway(listener("http")),
        httpRoute("r", { Rules: [{ Matches: [prefix("/x")], ...to("web") }] }),
      ],
    });
    assert.equal((await call(place(), "/y")).status, 404);
  });

  it("tells hosts apart, and a route holds at the listener of its host alone", async () => {
    const web = httpRoute("web", { Hostnames: ["web.example.com"], Rules: [to("web")] });
    const api = httpRoute("api", { Hostnames: ["api.other.org"], Rules: [to("api")] });
    const written = gateway(listener("http", { Hostname: "*.example.com" }));
    await mesh.scene({ entries: [...both, written, web, api] });
    assert.equal((await call(place(), "/", host("web.example.com"))).body, "web-1");
    assert.equal((await call(place(), "/", host("api.other.org"))).status, 404);
    assert.deepEqual(conditions(web), ["Accepted True Accepted ", "Bound True Bound "]);
    assert.deepEqual(conditions(api), ["Accepted True Accepted ", "Bound False FailedToBind "]);
  });

  it("shares requests among services, and changes headers", async () => {
    const rule = {
      ...to(
        { Name: "web", Weight: 1 },
        { Name: "api", Weight: 1, Filters: { Headers: [{ Set: { "x-to": "api" } }] } },
      ),
      ResponseFilters: { Headers: [{ Add: { "x-out": "1" } }] },
    };
    await mesh.scene({ entries: [...both, gateway(listener("http")), httpRoute("r", { Rules: [rule] })] });
    const bodies = new Set<string>();
    for (let i = 0; i < 40; i++) {
      const seen = await call(place());
      bodies.add(seen.body);
      assert.equal(seen.headers["x-out"], "1");
    }
    assert.deepEqual(bodies, new Set(["web-1", "api-1"]));
    assert.equal(mesh.application("api-1").received[0]?.headers["x-to"], "api");
    assert.equal(mesh.application("web-1").received[0]?.headers["x-to"], undefined);
  });

  it("carries connections by a TCP route, and by none of two that want the same", async () => {
    const tcp = gateway(listener("tcp", { Protocol: "tcp" }));
    const one = tcpRoute("one", "web");
    await mesh.scene({ entries: [tcp, one] });
    assert.equal((await callTcp(place())).body, "web-1 hello");
    await mesh.scene({ entries: [tcp, one, tcpRoute("two", "api")] });
    assert.equal((await callTcp(place())).error, "ECONNREFUSED");
    assert.ok(conditions(tcp).includes("Conflicted True RouteConflict tcp"));
    assert.ok(conditions(one).includes("Bound False FailedToBind "));
  });

  it("serves TLS with the certificates of entries, each for its host", async () => {
    const [first, second] = [certificate(mesh.folder, "one"), certificate(mesh.folder, "two")];
    const inline = (
      Name: string,
      { certificate: Certificate, key: PrivateKey }: typeof first,
    ): WrittenEntry => ({
      ...{ Kind: "inline-certificate", Name, Certificate, PrivateKey },
    });
    const file: WrittenEntry = {
      ...{ Kind: "file-system-certificate", Name: "two" },
      ...{ Certificate: second.certificateFile, PrivateKey: second.keyFile },
    };
    const Certificates = [
      { Kind: "inline-certificate", Name: "one" },
      { Kind: "file-system-certificate", Name: "two" },
    ];
    const written = gateway(listener("https", { TLS: { Certificates } }));
    const routes = [
      httpRoute("one", { Hostnames: ["one.example.com"], Rules: [to("web")] }),
      httpRoute("two", { Hostnames: ["two.example.com"], Rules: [to("api")] }),
    ];
    await mesh.scene({ entries: [...both, inline("one", first), file, written, ...routes] });
    const one = await callTls(place(), { serverName: "one.example.com", authority: first.certificate });
    const two = await callTls(place(), { serverName: "two.example.com", authority: second.certificate });
    assert.match(one.answer, /web-1/);
    assert.match(two.answer, /api-1/);
    assert.ok(conditions(written).includes("ResolvedRefs True ResolvedRefs https"));
  });

  it("tells clients of the versions and cipher suites that a listener takes, and no others", async () => {
    const { certificate: Certificate, key: PrivateKey } = certificate(mesh.folder, "one");
    const inline: WrittenEntry = { Kind: "inline-certificate", Name: "one", Certificate, PrivateKey };
    const served = async (limits: Fields, options: Partial<TlsOptions> = {}) => {
      const TLS = { Certificates: [{ Kind: "inline-certificate", Name: "one" }], ...limits };
      const written = gateway(listener("https", { TLS }));
      await mesh.scene({ entries: [...both, inline, written, httpRoute("r", { Rules: [to("web")] })] });
      return callTls(place(), { serverName: "one.example.com", authority: Certificate, ...options });
    };
    assert.match((await served({ MinVersion: "TLSv1_3" })).answer, /web-1/);
    assert.notEqual((await served({ MinVersion: "TLSv1_3" }, { version: "TLSv1.2" })).error, "");
    assert.notEqual((await served({ MaxVersion: "TLSv1_2" }, { version: "TLSv1.3" })).error, "");
    const CipherSuites = ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"];
    const chosen = await served({ MaxVersion: "TLSv1_2", CipherSuites });
    assert.equal(chosen.cipher, "ECDHE-ECDSA-AES256-GCM-SHA384");
    const other = { ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" };
    assert.notEqual((await served({ MaxVersion: "TLSv1_2", CipherSuites }, other)).error, "");
  });

  it("tries again what a rule calls a failure, as often as it says", async () => {
    const RetryFilter = { NumRetries: 2, RetryOn: ["5xx"] };
    const rules = [{ Matches: [prefix("/again")], Filters: { RetryFilter }, ...to("web") }, to("web")];
    await mesh.scene({ entries: [...both, gateway(listener("http")), httpRoute("r", { Rules: rules })] });
    mesh.application("web-1").answer = (_, count) => ({ status: count % 3 === 0 ? 200 : 500 });
    assert.equal((await call(place(), "/again")).status, 200);
    assert.equal(mesh.application("web-1").received.length, 3);
    assert.equal((await call(place(), "/once")).status, 500);
  });

  it("tries again statuses, and connections that fail, where a rule names them", async () => {
    const RetryFilter = { NumRetries: 1, RetryOnStatusCodes: [418], RetryOnConnectFailure: true };
    const rule = { Filters: { RetryFilter }, ...to("web") };
    await mesh.scene({ entries: [...both, gateway(listener("http")), httpRoute("r", { Rules: [rule] })] });
    mesh.application("web-1").answer = (_, count) => ({ status: count === 1 ? 418 : 200 });
    assert.equal((await call(place())).status, 200);
  });

  it("gives a request the time of its rule", async () => {
    const rules = [
      { Matches: [prefix("/soon")], Filters: { TimeoutFilter: { RequestTimeout: "200ms" } }, ...to("web") },
      to("web"),
    ];
    await mesh.scene({ entries: [...both, gateway(listener("http")), httpRoute("r", { Rules: rules })] });
    mesh.application("web-1").answer = () => ({ delay: 1000 });
    assert.equal((await call(place(), "/soon")).status, 504);
    assert.equal((await call(place(), "/later")).status, 200);
  });

  it("sets the limits of a route's service, and leaves out an instance that fails", async () => {
    const limited = { Name: "web", Limits: { MaxConcurrentRequests: 1 } };
    await mesh.scene({
      entries: [...both, gateway(listener("http")), httpRoute("r", { Rules: [to(limited)] })],
    });
    mesh.application("web-1").answer = () => ({ delay: 500 });
    const seen = await Promise.all([1, 2, 3].map(() => call(place())));
    assert.ok(seen.some(({ status, headers }) => status === 503 && headers["x-envoy-overloaded"] === "true"));
    assert.ok(seen.some(({ status }) => status === 200));
    const PassiveHealthCheck = { Interval: "100ms", MaxFailures: 2, MaxEjectionPercent: 100 };
    const watched = { Name: "web", PassiveHealthCheck };
    await mesh.scene({
      entries: [...both, gateway(listener("http")), httpRoute("r", { Rules: [to(watched)] })],
    });
    mesh.application("web-1").answer = () => ({ status: 500 });
    await until("nobody is asked any more", async () => (await call(place())).body === "no healthy upstream");
  });

  it("says which references lead nowhere", async () => {
    const TLS = { Certificates: [{ Kind: "inline-certificate", Name: "none" }] };
    const written = gateway(listener("http", { TLS }));
    const lost = httpRoute("lost", { Parents: [{ Name: "nobody" }], Rules: [to("web")] });
    const wrong = httpRoute("wrong", { Rules: [to("api")] });
    await mesh.scene({ entries: [defaults("web"), written, lost, wrong] });
    assert.deepEqual(conditions(written).slice(0, 2), [
      "Accepted False InvalidCertificates ",
      "ResolvedRefs False InvalidCertificateRef http",
    ]);
    assert.deepEqual(conditions(lost), ["Accepted True Accepted ", "Bound False GatewayNotFound "]);
    assert.equal(conditions(wrong)[0], "Accepted False InvalidDiscoveryChain ");
  });
});

/** Signed by itself, for `<name>.example.com`. */
function certificate(folder: string, name: string) {
  const [keyFile, certificateFile] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}.example.com`];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", keyFile];
  execFileSync("openssl", ["req", "-x509", "-days", "2", ...key, "-out", certificateFile, ...subject], {
    stdio: "ignore",
  });
  return {
    ...{ keyFile, certificateFile },
    certificate: readFileSync(certificateFile, "utf8"),
    key: readFileSync(keyFile, "utf8"),
  };
}
