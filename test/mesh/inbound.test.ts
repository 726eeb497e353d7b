import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";
import { connect } from "node:tls";
import { exposedChecks } from "../../src/mesh/exposed-checks.ts";
import { checkKey, checks } from "../../src/mesh/tables.ts";
import { checkRegistration } from "../../src/model/registration/check.ts";
import { canonical } from "../../src/model/schema/canonical.ts";
import { defaults, everyProxy, meshEntry } from "./support/entries.ts";
import { TestMesh } from "./support/test-mesh.ts";

describe("the proxy of a service", () => {
  let mesh: TestMesh;
  before(async () => {
    mesh = await TestMesh.start([{ service: "web", upstreams: ["api"] }, { service: "api" }]);
  });
  after(() => mesh[Symbol.asyncDispose]());

  const api = () => mesh.application("api-1");

  /** Statuses of so many requests, one after the other. */
  const statuses = async (count: number, path = "/") => {
    const seen: number[] = [];
    for (let i = 0; i < count; i++) seen.push((await mesh.call("api", path)).status);
    return seen;
  };

  /** So many thousand bytes of headers; a single one of HTTP/2 may have no more than 64 KiB. */
  const big = (thousands: number) => ({
    headers: Object.fromEntries([1, 2, 3].map((n) => [`big-${n}`, "x".repeat((thousands * 1000) / 3)])),
  });

  it("RateLimits: requests beyond the burst are answered with 429", async () => {
    const InstanceLevel = { RequestsPerSecond: 1, RequestsMaxBurst: 3 };
    await mesh.scene({ entries: [defaults("api", { RateLimits: { InstanceLevel } })] });
    assert.deepEqual((await statuses(5)).slice(0, 3), [200, 200, 200]);
    assert.ok((await statuses(3)).includes(429));
    assert.equal((await mesh.call("api")).status === 429 || api().received.length < 9, true);
  });

  it("RateLimits.Routes: a path has a limit of its own", async () => {
    const InstanceLevel = {
      RequestsPerSecond: 1000,
      Routes: [{ PathPrefix: "/slow", RequestsPerSecond: 0.01, RequestsMaxBurst: 1 }],
    };
    await mesh.scene({ entries: [defaults("api", { RateLimits: { InstanceLevel } })] });
    assert.deepEqual(await statuses(3, "/slow/x"), [200, 429, 429]);
    assert.deepEqual(await statuses(3, "/fast"), [200, 200, 200]);
  });

  it("MaxInboundConnections: connections of a tcp service beyond are closed", async () => {
    await mesh.scene({ entries: [{ Kind: "service-defaults", Name: "api", MaxInboundConnections: 1 }] });
    const first = mesh.holdTcp("api");
    await first.opened;
    assert.equal((await mesh.callTcp("api")).body, "");
    await first.close();
    await mesh.until("there is room again", async () => (await mesh.callTcp("api")).body !== "");
  });

  it("MaxRequestHeadersKB: headers of more than 60 KiB are refused by default", async () => {
    await mesh.scene({ entries: [defaults("api"), defaults("web")] });
    assert.equal((await mesh.call("api", "/", big(50))).status, 200);
    assert.equal((await mesh.call("api", "/", big(70))).status, 431);
  });

  it("MaxRequestHeadersKB: more is let through where both say so", async () => {
    await mesh.scene({
      entries: [defaults("api", { MaxRequestHeadersKB: 96 }), defaults("web", { MaxRequestHeadersKB: 96 })],
    });
    assert.equal((await mesh.call("api", "/", big(90))).status, 200);
    assert.equal((await mesh.call("api", "/", big(99))).status, 431);
  });

  it("max_request_headers_kb of proxy-defaults holds for every proxy", async () => {
    await mesh.scene({
      entries: [everyProxy({ Config: { max_request_headers_kb: 96 } }), defaults("api"), defaults("web")],
    });
    assert.equal((await mesh.call("api", "/", big(90))).status, 200);
  });

  it("x-forwarded-client-cert tells the task who called", async () => {
    await mesh.scene({ entries: [defaults("api")] });
    await mesh.call("api");
    const { headers } = api().received[0] ?? {};
    assert.match(
      headers?.["x-forwarded-client-cert"] ?? "",
      /URI=spiffe:\/\/[^;]+\/ns\/default\/dc\/dc1\/svc\/web/,
    );
  });

  it("x-forwarded-client-cert of a caller is not believed", async () => {
    await mesh.scene({ entries: [defaults("api")] });
    await mesh.call("api", "/", { headers: { "x-forwarded-client-cert": "URI=spiffe://forged" } });
    const { headers } = api().received[0] ?? {};
    assert.doesNotMatch(headers?.["x-forwarded-client-cert"] ?? "", /forged/);
  });

  it("HTTP.SanitizeXForwardedClientCert hides it from the task", async () => {
    await mesh.scene({
      entries: [defaults("api"), meshEntry({ HTTP: { SanitizeXForwardedClientCert: true } })],
    });
    await mesh.call("api");
    assert.equal(api().received[0]?.headers["x-forwarded-client-cert"], undefined);
  });

  it("websockets pass", async () => {
    await mesh.scene({ entries: [defaults("api")] });
    assert.equal(await mesh.upgrade("api"), "api-1 hello");
  });

  it("Expose.Paths: a path is served in plain text, and no other", async () => {
    const path = { Path: "/health", LocalPathPort: 8080, ListenerPort: 21500, Protocol: "http" } as const;
    await mesh.scene({ entries: [defaults("api")], proxies: { "api-1": { Expose: { Paths: [path] } } } });
    assert.equal((await mesh.callAt("api-1", 21500, "/health")).body, "api-1");
    assert.equal((await mesh.callAt("api-1", 21500, "/other")).status, 404);
  });

  it("Expose.Checks: the path of a check is served to the node's agent in plain text, and no other", async () => {
    await mesh.scene({ entries: [defaults("api", { Expose: { Checks: true } })] });
    const { state } = mesh.server;
    const [row] = state.all(checks).filter(({ ServiceID }) => ServiceID === "api-1");
    if (row === undefined) throw new Error("the instance has no check");
    const { CreateIndex: _, ModifyIndex: __, ...check } = row;
    const HTTP = `http://${mesh.member("api-1").registration.address}:8080/health`;
    const Definition = { ...canonical(checkRegistration, {}), HTTP };
    await state.transact((tx) => tx.put(checks, checkKey(check), { ...check, Definition }));
    await mesh.settled();
    const exposed = exposedChecks("node", state).get(checkKey(check));
    const port = exposed?.path.ListenerPort ?? 0;
    assert.equal((await mesh.callAt("api-1", port, "/health")).body, "api-1");
    assert.equal((await mesh.callAt("api-1", port, "/orders")).status, 404);
  });

  it("LocalServiceSocketPath: the task listens at a socket in the file system", async () => {
    const LocalServiceSocketPath = `${mesh.folder}/api.task`;
    const server = createServer((_request, response) => response.end("from a socket"));
    server.listen(LocalServiceSocketPath);
    await once(server, "listening");
    await mesh.scene({ entries: [defaults("api")], proxies: { "api-1": { LocalServiceSocketPath } } });
    assert.equal((await mesh.call("api")).body, "from a socket");
    server.close();
  });

  it("Expose of service-defaults holds for all its instances", async () => {
    const path = { Path: "/health", LocalPathPort: 8080, ListenerPort: 21501 };
    await mesh.scene({ entries: [defaults("api", { Expose: { Paths: [path] } })] });
    assert.equal((await mesh.callAt("api-1", 21501, "/health")).body, "api-1");
  });

  it("bind_port: where the proxy takes connections of the mesh", async () => {
    await mesh.scene({
      entries: [defaults("api")],
      proxies: { "api-1": { Config: { bind_port: 21777 } } },
      ports: { "api-1": 21777 },
    });
    assert.equal((await mesh.call("api")).status, 200);
  });

  it("plain connections are refused", async () => {
    await mesh.scene({ entries: [defaults("api")] });
    assert.notEqual((await mesh.callAt("api-1", 21000)).error, "");
  });

  it("connections without a certificate are refused", async () => {
    await mesh.scene({ entries: [defaults("api")] });
    assert.match(await handshake({}), /certificate required|alert/i);
  });

  it("MutualTLSMode permissive: plain connections are let in beside the mesh's", async () => {
    await mesh.scene({
      entries: [
        defaults("api", { MutualTLSMode: "permissive" }),
        meshEntry({ AllowEnablingPermissiveMutualTLS: true }),
      ],
    });
    assert.equal((await mesh.callAt("api-1", 21000)).body, "api-1");
    assert.equal((await mesh.call("api")).status, 200);
  });

  it("MutualTLSMode permissive is not enough where the mesh does not allow it", async () => {
    await mesh.scene({ entries: [defaults("api", { MutualTLSMode: "permissive" })] });
    assert.notEqual((await mesh.callAt("api-1", 21000)).error, "");
  });

  it("TLS.Incoming.TLSMinVersion: older versions are refused", async () => {
    await mesh.scene({
      entries: [defaults("api"), meshEntry({ TLS: { Incoming: { TLSMinVersion: "TLSv1_3" } } })],
    });
    assert.match(await handshake({ maxVersion: "TLSv1.2" }), /version/);
    assert.equal((await mesh.call("api")).status, 200);
  });

  it("TLS.Incoming.TLSMaxVersion: newer versions are not spoken", async () => {
    await mesh.scene({
      entries: [defaults("api"), meshEntry({ TLS: { Incoming: { TLSMaxVersion: "TLSv1_2" } } })],
    });
    assert.match(await handshake({ minVersion: "TLSv1.3" }), /version/);
    await forgetStatistics();
    assert.equal((await mesh.call("api")).status, 200);
    assert.deepEqual(await spoken(), ["TLSv1.2"]);
  });

  it("TLS.Incoming.CipherSuites: only these are spoken", async () => {
    const CipherSuites = ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"];
    await mesh.scene({
      entries: [
        defaults("api"),
        meshEntry({ TLS: { Incoming: { TLSMaxVersion: "TLSv1_2", CipherSuites } } }),
      ],
    });
    await forgetStatistics();
    assert.equal((await mesh.call("api")).status, 200);
    const stats = await mesh.member("api-1").envoy.stats("public_listener.*ssl.ciphers|21000.ssl.ciphers");
    assert.deepEqual(endings(stats), ["ECDHE-ECDSA-AES256-GCM-SHA384"]);
  });

  it("TLS.Outgoing.TLSMaxVersion: what proxies offer as clients", async () => {
    await mesh.scene({
      entries: [defaults("api"), meshEntry({ TLS: { Outgoing: { TLSMaxVersion: "TLSv1_2" } } })],
    });
    await forgetStatistics();
    assert.equal((await mesh.call("api")).status, 200);
    assert.deepEqual(await spoken(), ["TLSv1.2"]);
  });

  it("TLS.Outgoing.TLSMinVersion: a proxy that speaks only older ones is not called", async () => {
    const Outgoing = { TLSMinVersion: "TLSv1_3" };
    await mesh.scene({
      entries: [defaults("api"), meshEntry({ TLS: { Incoming: { TLSMaxVersion: "TLSv1_2" }, Outgoing } })],
    });
    assert.equal((await mesh.call("api")).status, 503);
  });

  const forgetStatistics = () =>
    Promise.all(["web-1", "api-1"].map((id) => mesh.member(id).envoy.resetCounters()));

  /** Versions of TLS that the proxy of web has spoken since then. */
  const spoken = async () => endings(await mesh.member("web-1").envoy.stats("cluster.api.*ssl.versions"));

  /** What a connection to the public listener of api without a certificate ends with. */
  const handshake = async (options: object): Promise<string> => {
    const { address } = mesh.member("api-1").registration;
    const socket = connect({ host: address, port: 21000, rejectUnauthorized: false, ...options });
    let problem = "";
    socket.on("error", (error) => {
      problem = error.message;
    });
    socket.on("secureConnect", () => socket.write("GET / HTTP/1.1\r\n\r\n"));
    socket.resume();
    await new Promise((closed) => socket.on("close", closed));
    return problem;
  };
});

function endings(stats: Readonly<Record<string, number>>): string[] {
  const used = Object.entries(stats).filter(([, count]) => count > 0);
  return used.map(([name]) => /(?:versions|ciphers)\.(.*)$/.exec(name)?.[1] ?? name);
}
