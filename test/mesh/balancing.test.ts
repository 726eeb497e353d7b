import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { CallOptions } from "./support/client.ts";
import { defaults, resolver } from "./support/entries.ts";
import { TestMesh } from "./support/test-mesh.ts";

describe("load balancing", () => {
  let mesh: TestMesh;
  before(async () => {
    mesh = await TestMesh.start([
      { service: "web", upstreams: ["api"] },
      { service: "api", instances: [{}, {}, {}] },
    ]);
  });
  after(() => mesh[Symbol.asyncDispose]());

  const balanced = (LoadBalancer: Readonly<Record<string, unknown>>) =>
    mesh.scene({ entries: [defaults("api"), resolver("api", { LoadBalancer })] });

  const hashed = (Policy: string, ...HashPolicies: readonly object[]) => balanced({ Policy, HashPolicies });

  /** Which instances answer the same request, over and over. */
  const instances = async (path = "/", options: CallOptions = {}) =>
    Object.keys(await mesh.shares("api", 12, path, options));

  const header = { Field: "header", FieldValue: "x-user" };
  const asUser = (user: string) => ({ headers: { "x-user": user } });

  it("goes round by default", async () => {
    await mesh.scene({ entries: [defaults("api")] });
    assert.deepEqual(Object.values(await mesh.shares("api", 12)), [4, 4, 4]);
  });

  it("goes round with round_robin", async () => {
    await balanced({ Policy: "round_robin" });
    assert.deepEqual(Object.values(await mesh.shares("api", 12)), [4, 4, 4]);
  });

  it("draws by chance with random", async () => {
    await balanced({ Policy: "random" });
    const order: string[] = [];
    for (let i = 0; i < 30; i++) order.push((await mesh.call("api")).body);
    assert.equal(new Set(order).size, 3);
    assert.ok(
      order.some((body, i) => body === order[i + 1]),
      "never twice the same: that is no chance",
    );
  });

  it("prefers the instance with the fewest requests with least_request", async () => {
    await balanced({ Policy: "least_request", LeastRequestConfig: { ChoiceCount: 10 } });
    mesh.application("api-1").answer = () => ({ delay: 1500 });
    const all = Array.from({ length: 24 }, async (_, i) => {
      await new Promise((resolve) => setTimeout(resolve, i * 10));
      return (await mesh.call("api")).body;
    });
    const answered = await Promise.all(all);
    const slow = answered.filter((body) => body === "api-1").length;
    assert.ok(slow <= 3, `the slow instance got ${slow} of 24`);
  });

  it("keeps a header's value at one instance with ring_hash", async () => {
    await hashed("ring_hash", header);
    for (const user of ["a", "b", "c"]) assert.equal((await instances("/", asUser(user))).length, 1);
    const users = Array.from({ length: 30 }, (_, i) => `user-${i}`);
    const used = await Promise.all(
      users.map(async (user) => (await mesh.call("api", "/", asUser(user))).body),
    );
    assert.equal(new Set(used).size, 3);
  });

  it("keeps a header's value at one instance with maglev", async () => {
    await hashed("maglev", header);
    assert.equal((await instances("/", asUser("a"))).length, 1);
  });

  it("keeps a query parameter's value at one instance", async () => {
    await hashed("ring_hash", { Field: "query_parameter", FieldValue: "user" });
    assert.equal((await instances("/?user=a")).length, 1);
    assert.ok((await instances("/")).length > 1);
  });

  it("keeps a cookie's value at one instance", async () => {
    await hashed("maglev", { Field: "cookie", FieldValue: "session" });
    assert.equal((await instances("/", { headers: { cookie: "session=a" } })).length, 1);
  });

  it("makes a cookie for a client that has none", async () => {
    await hashed("maglev", {
      Field: "cookie",
      FieldValue: "session",
      CookieConfig: { TTL: "1h", Path: "/" },
    });
    const { headers, body } = await mesh.call("api");
    const cookie = headers["set-cookie"] ?? "";
    assert.match(cookie, /^session="?\w+"?; Max-Age=3600; Path=\/; HttpOnly/);
    const again = { headers: { cookie: cookie.split(";")[0] ?? "" } };
    assert.deepEqual(await instances("/", again), [body]);
  });

  it("makes a cookie for the client's session", async () => {
    await hashed("ring_hash", { Field: "cookie", FieldValue: "s", CookieConfig: { Session: true } });
    const { headers } = await mesh.call("api");
    assert.match(headers["set-cookie"] ?? "", /^s=/);
    assert.doesNotMatch(headers["set-cookie"] ?? "", /Max-Age/);
  });

  it("keeps a client's address at one instance", async () => {
    await hashed("ring_hash", { SourceIP: true });
    assert.equal((await instances()).length, 1);
  });

  it("stops at a terminal policy that gives a hash", async () => {
    await hashed(
      "ring_hash",
      { ...header, Terminal: true },
      { Field: "query_parameter", FieldValue: "user" },
    );
    const seen = new Set<string>();
    for (let i = 0; i < 8; i++) for (const one of await instances(`/?user=${i}`, asUser("a"))) seen.add(one);
    assert.equal(seen.size, 1);
  });

  it("takes the ring's size", async () => {
    await balanced({
      Policy: "ring_hash",
      RingHashConfig: { MinimumRingSize: 64, MaximumRingSize: 128 },
      HashPolicies: [header],
    });
    assert.equal((await instances("/", asUser("a"))).length, 1);
    const { size = 0 } = Object.fromEntries(
      Object.entries(await mesh.member("web-1").envoy.stats("ring_hash_lb.size")).map(([, value]) => [
        "size",
        value,
      ]),
    );
    assert.ok(size >= 64 && size <= 128, `the ring has ${size} places`);
  });

  it("keeps a client's address at one instance of a tcp service", async () => {
    await mesh.scene({
      entries: [resolver("api", { LoadBalancer: { Policy: "maglev", HashPolicies: [{ SourceIP: true }] } })],
    });
    const bodies = new Set<string>();
    for (let i = 0; i < 8; i++) bodies.add((await mesh.callTcp("api")).body);
    assert.equal(bodies.size, 1);
  });
});
