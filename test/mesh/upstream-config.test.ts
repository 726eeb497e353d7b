import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { defaults, everyProxy, resolver } from "./support/entries.ts";
import { TestMesh } from "./support/test-mesh.ts";

/** An address of the networks for documentation: nothing answers there (RFC 5737). */
const NOWHERE = "192.0.2.1";

describe("upstream config", () => {
  let mesh: TestMesh;
  before(async () => {
    mesh = await TestMesh.start([
      { service: "web", upstreams: ["api", "other"] },
      { service: "api", instances: [{}, {}] },
      { service: "other" },
    ]);
  });
  after(() => mesh[Symbol.asyncDispose]());

  const web = (UpstreamConfig: object) => defaults("web", { UpstreamConfig });
  const http = [defaults("api"), defaults("other")];

  /** How many of `count` requests at once are refused because of a limit. */
  const refused = async (name: string, count: number) => {
    for (const id of ["api-1", "api-2", "other-1"]) mesh.application(id).answer = () => ({ delay: 300 });
    const answers = await Promise.all(Array.from({ length: count }, () => mesh.call(name)));
    const overflows = answers.filter(
      ({ status, headers }) => status === 503 && headers["x-envoy-overloaded"],
    );
    return overflows.length;
  };

  it("Limits.MaxConcurrentRequests: requests beyond are refused at once", async () => {
    await mesh.scene({ entries: [...http, web({ Defaults: { Limits: { MaxConcurrentRequests: 2 } } })] });
    assert.equal(await refused("api", 6), 4);
  });

  it("Limits of one upstream go before those of all", async () => {
    await mesh.scene({
      entries: [
        ...http,
        web({
          Defaults: { Limits: { MaxConcurrentRequests: 2 } },
          Overrides: [{ Name: "api", Limits: { MaxConcurrentRequests: 4 } }],
        }),
      ],
    });
    assert.equal(await refused("api", 6), 2);
    assert.equal(await refused("other", 6), 4);
  });

  it("Limits of the proxy's registration go before those of entries", async () => {
    await mesh.scene({
      entries: [...http, web({ Overrides: [{ Name: "api", Limits: { MaxConcurrentRequests: 4 } }] })],
      upstreams: { "web-1": { api: { limits: { max_concurrent_requests: 1 } } } },
    });
    assert.equal(await refused("api", 6), 5);
  });

  it("Limits.MaxConnections: connections of a tcp service beyond are closed", async () => {
    await mesh.scene({
      entries: [web({ Defaults: { Limits: { MaxConnections: 1 } } })],
    });
    const first = mesh.holdTcp("api");
    await first.opened;
    assert.equal((await mesh.callTcp("api")).body, "");
    await first.close();
  });

  it("Limits.MaxPendingRequests: requests that wait for a connection beyond are refused", async () => {
    await mesh.scene({ entries: [...http, web({ Defaults: { Limits: { MaxPendingRequests: 0 } } })] });
    const { status, headers } = await mesh.call("api");
    assert.deepEqual([status, headers["x-envoy-overloaded"]], [503, "true"]);
  });

  /** Envoy's main thread leaves an instance out a moment after the answer that a worker has seen. */
  const failAndBeLeftOut = async (failures: number) => {
    const { envoy } = mesh.member("web-1");
    const leftOut = async () =>
      Object.values(await envoy.stats("^cluster\\.api\\..*outlier_detection.ejections_active$")).some(
        Boolean,
      );
    const { received } = mesh.application("api-1");
    while (received.length < failures) {
      assert.equal(await leftOut(), false);
      await mesh.call("api");
    }
    await mesh.until("the instance is left out", leftOut);
    assert.deepEqual(await mesh.shares("api", 10), { "api-2": 10 });
    assert.equal(received.length, failures);
  };

  it("PassiveHealthCheck: an instance that fails is left out for a while", async () => {
    const PassiveHealthCheck = {
      Interval: "10s",
      MaxFailures: 2,
      EnforcingConsecutive5xx: 100,
      MaxEjectionPercent: 100,
      BaseEjectionTime: "60s",
    };
    await mesh.scene({ entries: [...http, web({ Overrides: [{ Name: "api", PassiveHealthCheck }] })] });
    mesh.application("api-1").answer = () => ({ status: 500 });
    await failAndBeLeftOut(2);
  });

  it("PassiveHealthCheck.EnforcingConsecutive5xx 0: nothing is left out", async () => {
    const PassiveHealthCheck = {
      MaxFailures: 1,
      EnforcingConsecutive5xx: 0,
      EnforcingConsecutiveGatewayFailure: 0,
    };
    await mesh.scene({ entries: [...http, web({ Overrides: [{ Name: "api", PassiveHealthCheck }] })] });
    mesh.application("api-1").answer = () => ({ status: 500 });
    assert.deepEqual(await mesh.shares("api", 12), { "500": 6, "api-2": 6 });
  });

  it("PassiveHealthCheck.Consecutive5xx goes before MaxFailures", async () => {
    const PassiveHealthCheck = {
      ...{ MaxFailures: 100, Consecutive5xx: 2, MaxEjectionPercent: 100, BaseEjectionTime: "60s" },
    };
    await mesh.scene({ entries: [...http, web({ Overrides: [{ Name: "api", PassiveHealthCheck }] })] });
    mesh.application("api-1").answer = () => ({ status: 500 });
    await failAndBeLeftOut(2);
  });

  it("PassiveHealthCheck.ConsecutiveGatewayFailure: answers 502, 503 and 504 count, and no others", async () => {
    const PassiveHealthCheck = {
      ...{ ConsecutiveGatewayFailure: 2, EnforcingConsecutiveGatewayFailure: 100 },
      ...{ EnforcingConsecutive5xx: 0, MaxEjectionPercent: 100, BaseEjectionTime: "60s" },
    };
    await mesh.scene({ entries: [...http, web({ Overrides: [{ Name: "api", PassiveHealthCheck }] })] });
    mesh.application("api-1").answer = () => ({ status: 500 });
    assert.deepEqual(await mesh.shares("api", 12), { "500": 6, "api-2": 6 });
    mesh.application("api-1").reset();
    mesh.application("api-1").answer = () => ({ status: 503 });
    await failAndBeLeftOut(2);
  });

  it("PassiveHealthCheck.MaxEjectionPercent: some instances stay", async () => {
    const PassiveHealthCheck = { MaxFailures: 1, MaxEjectionPercent: 50, BaseEjectionTime: "60s" };
    await mesh.scene({ entries: [...http, web({ Overrides: [{ Name: "api", PassiveHealthCheck }] })] });
    for (const id of ["api-1", "api-2"]) mesh.application(id).answer = () => ({ status: 500 });
    assert.deepEqual(await mesh.shares("api", 10), { "500": 10 });
  });

  it("PassiveHealthCheck.BaseEjectionTime: and it comes back", async () => {
    const PassiveHealthCheck = {
      Interval: "100ms",
      MaxFailures: 1,
      MaxEjectionPercent: 100,
      BaseEjectionTime: "200ms",
    };
    await mesh.scene({ entries: [...http, web({ Overrides: [{ Name: "api", PassiveHealthCheck }] })] });
    mesh.application("api-1").answer = (_, count) => ({ status: count === 1 ? 500 : 200 });
    await mesh.shares("api", 4);
    await mesh.until("api-1 answers again", async () => (await mesh.call("api")).body === "api-1");
  });

  it("ConnectTimeoutMs: a connection to nowhere is given up", async () => {
    await mesh.scene({
      entries: [...http, web({ Overrides: [{ Name: "other", ConnectTimeoutMs: 150 }] })],
      addresses: { "other-1": NOWHERE },
    });
    const { status, duration } = await mesh.call("other");
    assert.equal(status, 503);
    assert.ok(duration < 3000, `${duration} ms`);
  });

  it("service-resolver ConnectTimeout: the same for all that call", async () => {
    await mesh.scene({
      entries: [...http, resolver("other", { ConnectTimeout: "150ms" })],
      addresses: { "other-1": NOWHERE },
    });
    const { status, duration } = await mesh.call("other");
    assert.equal(status, 503);
    assert.ok(duration < 3000, `${duration} ms`);
  });

  it("an instance that cannot be reached is passed over without a failed request", async () => {
    await mesh.scene({
      entries: [...http, resolver("api", { ConnectTimeout: "100ms" })],
      addresses: { "api-1": NOWHERE },
    });
    assert.deepEqual(await mesh.shares("api", 4), { "api-2": 4 });
  });

  it("Protocol of an upstream: tcp in place of what the service says", async () => {
    await mesh.scene({ entries: [...http, web({ Overrides: [{ Name: "api", Protocol: "tcp" }] })] });
    await mesh.call("api");
    const received = ["api-1", "api-2"].flatMap((id) => mesh.member(id).application.received);
    assert.match(
      String(received[0]?.headers["x-forwarded-client-cert"]),
      /svc\/web/,
      "the called one reads it",
    );
    const names = Object.keys(await mesh.member("web-1").envoy.stats("upstream.api.*downstream_cx_total"));
    assert.ok(
      names.some((name) => name.startsWith("tcp.upstream.api.")),
      names.join(" "),
    );
  });

  it("proxy-defaults Config.protocol: what services speak that do not say it", async () => {
    await mesh.scene({ entries: [everyProxy({ Config: { protocol: "http" } })] });
    const { headers } = await mesh.call("api");
    assert.equal(headers["server"], "envoy");
    await mesh.scene({
      entries: [everyProxy({ Config: { protocol: "http" } }), defaults("api", { Protocol: "tcp" })],
    });
    assert.equal((await mesh.callTcp("api")).body.includes("hello"), true);
  });

  it("BindSocketPath: an upstream at a socket in the file system", async () => {
    const path = `${mesh.folder}/api.upstream`;
    await mesh.scene({ entries: http, sockets: { "web-1": { api: path } } });
    assert.equal((await mesh.callSocket(path)).status, 200);
  });

  it("BindSocketMode: the permissions of that socket", async () => {
    const path = `${mesh.folder}/api.mode`;
    await mesh.scene({ entries: http, sockets: { "web-1": { api: path } }, socketMode: "0600" });
    assert.equal((await mesh.callSocket(path)).status, 200);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });
});
