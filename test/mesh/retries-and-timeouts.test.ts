import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defaults, route, router } from "./support/entries.ts";
import { TestMesh } from "./support/test-mesh.ts";

describe("retries and timeouts", () => {
  let mesh: TestMesh;
  before(async () => {
    mesh = await TestMesh.start([{ service: "web", upstreams: ["api"] }, { service: "api" }]);
  });
  after(() => mesh[Symbol.asyncDispose]());

  const api = () => mesh.application("api-1");

  const routed = (destination: Readonly<Record<string, unknown>>, Protocol = "http") =>
    mesh.scene({
      entries: [defaults("api", { Protocol }), router("api", route({ PathPrefix: "/" }, destination))],
    });

  /** The application fails so many times, then answers. */
  const failing = (times: number, status: number) => {
    api().answer = (_, count) => ({ status: count <= times ? status : 200 });
  };

  it("an answer is not asked for again by default", async () => {
    await mesh.scene({ entries: [defaults("api")] });
    failing(1, 503);
    assert.equal((await mesh.call("api")).status, 503);
    assert.equal(api().received.length, 1);
  });

  it("NumRetries and RetryOn 5xx: tries again until it succeeds", async () => {
    await routed({ NumRetries: 3, RetryOn: ["5xx"] });
    failing(2, 500);
    assert.equal((await mesh.call("api")).status, 200);
    assert.equal(api().received.length, 3);
  });

  it("NumRetries: and no more often", async () => {
    await routed({ NumRetries: 2, RetryOn: ["5xx"] });
    failing(100, 500);
    assert.equal((await mesh.call("api")).status, 500);
    assert.equal(api().received.length, 3);
  });

  it("RetryOn gateway-error: 503 but not 500", async () => {
    await routed({ NumRetries: 1, RetryOn: ["gateway-error"] });
    failing(1, 503);
    assert.equal((await mesh.call("api")).status, 200);
    await routed({ NumRetries: 1, RetryOn: ["gateway-error"] });
    failing(1, 500);
    assert.equal((await mesh.call("api")).status, 500);
  });

  it("RetryOn retriable-4xx: 409 but not 404", async () => {
    await routed({ NumRetries: 1, RetryOn: ["retriable-4xx"] });
    failing(1, 409);
    assert.equal((await mesh.call("api")).status, 200);
    await routed({ NumRetries: 1, RetryOn: ["retriable-4xx"] });
    failing(1, 404);
    assert.equal((await mesh.call("api")).status, 404);
  });

  it("RetryOnStatusCodes: these statuses and no others", async () => {
    await routed({ NumRetries: 1, RetryOnStatusCodes: [418] });
    failing(1, 418);
    assert.equal((await mesh.call("api")).status, 200);
    await routed({ NumRetries: 1, RetryOnStatusCodes: [418] });
    failing(1, 500);
    assert.equal((await mesh.call("api")).status, 500);
  });

  it("RetryOn reset: an instance that closes the connection is asked again", async () => {
    await routed({ NumRetries: 1, RetryOn: ["5xx"] });
    api().answer = (_, count) => ({ reset: count === 1 });
    assert.equal((await mesh.call("api")).status, 200);
    assert.equal(api().received.length, 2);
  });

  it("RetryOn unavailable: by the status of gRPC", async () => {
    await routed({ NumRetries: 2, RetryOn: ["unavailable"] }, "grpc");
    api().answer = (_, count) => ({ grpcStatus: count === 1 ? 14 : 0 });
    assert.equal((await mesh.callGrpc("api")).grpcStatus, 0);
    assert.equal(api().received.length, 2);
  });

  it("RetryOn: other statuses of gRPC are handed on", async () => {
    await routed({ NumRetries: 2, RetryOn: ["unavailable", "cancelled"] }, "grpc");
    api().answer = () => ({ grpcStatus: 7 });
    assert.equal((await mesh.callGrpc("api")).grpcStatus, 7);
    assert.equal(api().received.length, 1);
  });

  it("RequestTimeout: answers 504 when it is over", async () => {
    await routed({ RequestTimeout: "150ms" });
    api().answer = () => ({ delay: 3000 });
    const { status, body, duration } = await mesh.call("api");
    assert.deepEqual([status, body], [504, "upstream request timeout"]);
    assert.ok(duration >= 140 && duration < 2000, `${duration} ms`);
  });

  it("RequestTimeout: holds for a request with all its retries", async () => {
    await routed({ RequestTimeout: "300ms", NumRetries: 50, RetryOn: ["5xx"] });
    api().answer = () => ({ status: 500, delay: 60 });
    const { status, duration } = await mesh.call("api");
    assert.ok(status === 504 || status === 500, String(status));
    assert.ok(duration < 2000, `${duration} ms`);
  });

  it("IdleTimeout: answers 504 when nothing moves", async () => {
    await routed({ IdleTimeout: "150ms" });
    api().answer = () => ({ delay: 3000 });
    const { status, duration } = await mesh.call("api");
    assert.equal(status, 504);
    assert.ok(duration < 2000, `${duration} ms`);
  });

  it("without any, a slow answer is waited for", async () => {
    await routed({ IdleTimeout: "-1s" });
    api().answer = () => ({ delay: 400 });
    assert.equal((await mesh.call("api")).status, 200);
  });

  it("LocalRequestTimeoutMs: the task's own sidecar gives up", async () => {
    await mesh.scene({ entries: [defaults("api", { LocalRequestTimeoutMs: 150 })] });
    api().answer = () => ({ delay: 3000 });
    const { status, duration } = await mesh.call("api");
    assert.equal(status, 504);
    assert.ok(duration < 2000, `${duration} ms`);
  });

  it("local_idle_timeout_ms: the task's own sidecar gives up when nothing moves", async () => {
    await mesh.scene({
      entries: [defaults("api")],
      proxies: { "api-1": { Config: { local_idle_timeout_ms: 150 } } },
    });
    api().answer = () => ({ delay: 3000 });
    assert.equal((await mesh.call("api")).status, 504);
  });

  it("local_request_timeout_ms of a registration goes before service-defaults", async () => {
    await mesh.scene({
      entries: [defaults("api", { LocalRequestTimeoutMs: 100 })],
      proxies: { "api-1": { Config: { local_request_timeout_ms: 5000 } } },
    });
    api().answer = () => ({ delay: 400 });
    assert.equal((await mesh.call("api")).status, 200);
  });
});
