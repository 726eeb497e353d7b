import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defaults, resolver, route, router, splitter } from "./support/entries.ts";
import { TestMesh } from "./support/test-mesh.ts";

describe("service-splitter", () => {
  let mesh: TestMesh;
  before(async () => {
    mesh = await TestMesh.start([
      { service: "web", upstreams: ["api"] },
      { service: "api", instances: [{ version: "1" }, { version: "2" }] },
      { service: "next" },
    ]);
  });
  after(() => mesh[Symbol.asyncDispose]());

  const http = [defaults("api"), defaults("next")];
  const subsets = resolver("api", {
    Subsets: { v1: { Filter: "Service.Meta.version == 1" }, v2: { Filter: "Service.Meta.version == 2" } },
  });

  /** Envoy draws by chance: of 400 requests the share is within 10 points in all but one of 10,000 runs. */
  const COUNT = 400;
  const assertShares = async (expected: Readonly<Record<string, number>>) => {
    const shares = await mesh.shares("api", COUNT);
    assert.deepEqual(Object.keys(shares).sort(), Object.keys(expected).sort(), JSON.stringify(shares));
    for (const [instance, percent] of Object.entries(expected)) {
      const seen = ((shares[instance] ?? 0) * 100) / COUNT;
      assert.ok(Math.abs(seen - percent) < 10, `${instance} got ${seen} %, not about ${percent} %`);
    }
  };

  it("shares requests out among subsets", async () => {
    const split = splitter("api", { Weight: 75, ServiceSubset: "v1" }, { Weight: 25, ServiceSubset: "v2" });
    await mesh.scene({ entries: [...http, subsets, split] });
    await assertShares({ "api-1": 75, "api-2": 25 });
  });

  it("shares requests out among services", async () => {
    const split = splitter("api", { Weight: 50, ServiceSubset: "v1" }, { Weight: 50, Service: "next" });
    await mesh.scene({ entries: [...http, subsets, split] });
    await assertShares({ "api-1": 50, "next-1": 50 });
  });

  it("sends nothing to a share of zero", async () => {
    const split = splitter("api", { Weight: 0, ServiceSubset: "v1" }, { Weight: 100, ServiceSubset: "v2" });
    await mesh.scene({ entries: [...http, subsets, split] });
    await assertShares({ "api-2": 100 });
  });

  it("works splitters behind splitters into one", async () => {
    const outer = splitter("api", { Weight: 40, ServiceSubset: "v1" }, { Weight: 60, Service: "next" });
    const inner = splitter(
      "next",
      { Weight: 50, Service: "next" },
      { Weight: 50, Service: "api", ServiceSubset: "v2" },
    );
    await mesh.scene({ entries: [...http, subsets, outer, inner] });
    await assertShares({ "api-1": 40, "next-1": 30, "api-2": 30 });
  });

  it("changes headers of one share alone", async () => {
    const canary = {
      RequestHeaders: { Set: { "x-canary": "yes" } },
      ResponseHeaders: { Set: { "x-canary": "yes" } },
    };
    const split = splitter(
      "api",
      { Weight: 50, ServiceSubset: "v1" },
      { Weight: 50, ServiceSubset: "v2", ...canary },
    );
    await mesh.scene({ entries: [...http, subsets, split] });
    const answers = await Promise.all(Array.from({ length: 40 }, () => mesh.call("api")));
    for (const { body, headers } of answers) {
      assert.equal(headers["x-canary"], body === "api-2" ? "yes" : undefined);
    }
    const seen = (instance: string) =>
      mesh.application(instance).received.map(({ headers }) => headers["x-canary"]);
    assert.deepEqual(
      [new Set(seen("api-1")), new Set(seen("api-2"))],
      [new Set([undefined]), new Set(["yes"])],
    );
  });

  it("splits what a route leads to", async () => {
    const split = splitter("next", { Weight: 100, Service: "api", ServiceSubset: "v2" });
    const routes = router("api", route({ PathPrefix: "/next" }, { Service: "next" }));
    await mesh.scene({ entries: [...http, subsets, split, routes] });
    assert.deepEqual(await mesh.shares("api", 10, "/next"), { "api-2": 10 });
  });

  it("lets a route that names a subset go past the splitter", async () => {
    const split = splitter("api", { Weight: 100, ServiceSubset: "v1" });
    const routes = router("api", route({ PathPrefix: "/v2" }, { ServiceSubset: "v2" }));
    await mesh.scene({ entries: [...http, subsets, split, routes] });
    assert.deepEqual(await mesh.shares("api", 10, "/v2"), { "api-2": 10 });
    assert.deepEqual(await mesh.shares("api", 10, "/"), { "api-1": 10 });
  });

  it("takes a new split at once, step by step, without a failed request", async () => {
    for (const v2 of [0, 10, 50, 100]) {
      const split = splitter(
        "api",
        { Weight: 100 - v2, ServiceSubset: "v1" },
        { Weight: v2, ServiceSubset: "v2" },
      );
      await mesh.change({ entries: [...http, subsets, split] });
      const shares = await mesh.shares("api", 30);
      assert.equal((shares["api-1"] ?? 0) + (shares["api-2"] ?? 0), 30, JSON.stringify(shares));
    }
    assert.deepEqual(await mesh.shares("api", 20), { "api-2": 20 });
  });
});
