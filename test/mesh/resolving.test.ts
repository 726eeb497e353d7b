import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defaults, resolver, route, router } from "./support/entries.ts";
import { TestMesh } from "./support/test-mesh.ts";

const subsets = {
  v1: { Filter: "Service.Meta.version == 1" },
  v2: { Filter: "Service.Meta.version == 2" },
};

describe("service-resolver", () => {
  let mesh: TestMesh;
  before(async () => {
    mesh = await TestMesh.start([
      { service: "web", upstreams: ["api"] },
      { service: "api", instances: [{ version: "1" }, { version: "2" }] },
      { service: "backup" },
    ]);
  });
  after(() => mesh[Symbol.asyncDispose]());

  const http = [defaults("api"), defaults("backup")];

  it("answers from all instances without a default subset", async () => {
    await mesh.scene({ entries: [...http, resolver("api", { Subsets: subsets })] });
    assert.deepEqual(Object.keys(await mesh.shares("api", 20)).sort(), ["api-1", "api-2"]);
  });

  it("answers from the default subset", async () => {
    await mesh.scene({ entries: [...http, resolver("api", { DefaultSubset: "v2", Subsets: subsets })] });
    assert.deepEqual(await mesh.shares("api", 10), { "api-2": 10 });
  });

  it("has subsets of tcp services too", async () => {
    await mesh.scene({ entries: [resolver("api", { DefaultSubset: "v1", Subsets: subsets })] });
    assert.equal((await mesh.callTcp("api")).body, "api-1 hello");
    await mesh.scene({ entries: [resolver("api", { DefaultSubset: "v2", Subsets: subsets })] });
    assert.equal((await mesh.callTcp("api")).body, "api-2 hello");
  });

  it("follows an instance whose meta brings it into another subset", async () => {
    const entries = [
      ...http,
      resolver("api", {
        DefaultSubset: "all",
        Subsets: { all: { Filter: 'Service.ID == "api-2-sidecar-proxy"' } },
      }),
    ];
    await mesh.scene({ entries });
    assert.deepEqual(await mesh.shares("api", 5), { "api-2": 5 });
  });

  it("leaves out instances that warn where only passing ones are wanted", async () => {
    const only = resolver("api", { DefaultSubset: "fit", Subsets: { fit: { OnlyPassing: true } } });
    await mesh.scene({ entries: [...http, only], health: { "api-1": "warning" } });
    assert.deepEqual(await mesh.shares("api", 10), { "api-2": 10 });
  });

  it("keeps instances that warn where nothing is said", async () => {
    await mesh.scene({ entries: http, health: { "api-1": "warning" } });
    assert.deepEqual(Object.keys(await mesh.shares("api", 20)).sort(), ["api-1", "api-2"]);
  });

  it("leaves out instances whose checks are critical", async () => {
    await mesh.scene({ entries: http, health: { "api-2": "critical" } });
    assert.deepEqual(await mesh.shares("api", 10), { "api-1": 10 });
  });

  it("answers 503 at once when no instance is healthy", async () => {
    await mesh.scene({ entries: http, health: { "api-1": "critical", "api-2": "critical" } });
    const { status, body } = await mesh.call("api");
    assert.deepEqual([status, body], [503, "no healthy upstream"]);
  });

  it("shares requests out by the instances' weights", async () => {
    await mesh.scene({ entries: http, weights: { "api-1": 3, "api-2": 1 } });
    assert.deepEqual(await mesh.shares("api", 40), { "api-1": 30, "api-2": 10 });
  });

  it("redirects to another service", async () => {
    await mesh.scene({ entries: [...http, resolver("api", { Redirect: { Service: "backup" } })] });
    assert.deepEqual(await mesh.shares("api", 5), { "backup-1": 5 });
  });

  it("redirects to a subset of a service", async () => {
    const entries = [
      ...http,
      resolver("api", { Subsets: subsets }),
      resolver("backup", { Redirect: { Service: "api", ServiceSubset: "v2" } }),
      router("api", route({ PathPrefix: "/b" }, { Service: "backup" })),
    ];
    await mesh.scene({ entries });
    assert.deepEqual(await mesh.shares("api", 5, "/b"), { "api-2": 5 });
  });

  it("redirects tcp services too", async () => {
    await mesh.scene({ entries: [resolver("api", { Redirect: { Service: "backup" } })] });
    assert.equal((await mesh.callTcp("api")).body, "backup-1 hello");
  });

  it("fails over to another service when no instance is healthy, and back", async () => {
    const entries = [...http, resolver("api", { Failover: { "*": { Service: "backup" } } })];
    await mesh.scene({ entries });
    assert.deepEqual(Object.keys(await mesh.shares("api", 20)).sort(), ["api-1", "api-2"]);
    await mesh.change({ entries, health: { "api-1": "critical", "api-2": "critical" } });
    assert.deepEqual(await mesh.shares("api", 10), { "backup-1": 10 });
    await mesh.change({ entries });
    assert.deepEqual(Object.keys(await mesh.shares("api", 20)).sort(), ["api-1", "api-2"]);
  });

  it("stays with a single healthy instance before it fails over", async () => {
    const entries = [...http, resolver("api", { Failover: { "*": { Service: "backup" } } })];
    await mesh.scene({ entries, health: { "api-1": "critical" } });
    assert.deepEqual(await mesh.shares("api", 20), { "api-2": 20 });
  });

  it("fails over when all instances are gone", async () => {
    const entries = [...http, resolver("api", { Failover: { "*": { Service: "backup" } } })];
    await mesh.scene({ entries, without: ["api-1", "api-2"] });
    assert.deepEqual(await mesh.shares("api", 5), { "backup-1": 5 });
  });

  it("fails over from one subset to another", async () => {
    const failover = resolver("api", {
      DefaultSubset: "v1",
      Subsets: subsets,
      Failover: { v1: { ServiceSubset: "v2" } },
    });
    await mesh.scene({ entries: [...http, failover] });
    assert.deepEqual(await mesh.shares("api", 5), { "api-1": 5 });
    await mesh.change({ entries: [...http, failover], health: { "api-1": "critical" } });
    assert.deepEqual(await mesh.shares("api", 5), { "api-2": 5 });
  });

  it("fails over by a list of targets, in its order", async () => {
    const Targets = [{ ServiceSubset: "v2" }, { Service: "backup" }];
    const entries = [
      ...http,
      resolver("api", { DefaultSubset: "v1", Subsets: subsets, Failover: { "*": { Targets } } }),
    ];
    await mesh.scene({ entries, health: { "api-1": "critical" } });
    assert.deepEqual(await mesh.shares("api", 5), { "api-2": 5 });
    await mesh.change({ entries, health: { "api-1": "critical", "api-2": "critical" } });
    assert.deepEqual(await mesh.shares("api", 5), { "backup-1": 5 });
  });

  it("fails over tcp services too", async () => {
    const entries = [resolver("api", { Failover: { "*": { Service: "backup" } } })];
    await mesh.scene({ entries, health: { "api-1": "critical", "api-2": "critical" } });
    assert.equal((await mesh.callTcp("api")).body, "backup-1 hello");
  });

  it("gives up a request after the resolver's RequestTimeout", async () => {
    await mesh.scene({ entries: [...http, resolver("api", { RequestTimeout: "200ms" })] });
    for (const id of ["api-1", "api-2"]) mesh.application(id).answer = () => ({ delay: 2000 });
    const { status, duration } = await mesh.call("api");
    assert.equal(status, 504);
    assert.ok(duration < 1500, `${duration} ms`);
  });
});
