import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { readOnce } from "../../src/mesh/cells.ts";
import { call, callTcp } from "./support/client.ts";
import { defaults } from "./support/entries.ts";
import { entryOf, type WrittenEntry } from "./support/entry.ts";
import { TestMesh } from "./support/test-mesh.ts";
import { callTls } from "./support/tls-client.ts";

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

  const place = () => mesh.gateway("edge-1", PORT);
  const host = (Host: string) => ({ headers: { Host } });
  const both = [defaults("web"), defaults("api")];
  const conditions = (entry: WrittenEntry) =>
    readOnce(() => mesh.server.mesh.conditions(entryOf(entry)) ?? []).map(
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
