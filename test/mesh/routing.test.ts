import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { CallOptions } from "./support/client.ts";
import { defaults, resolver, route, router } from "./support/entries.ts";
import { TestMesh } from "./support/test-mesh.ts";

describe("service-router", () => {
  let mesh: TestMesh;
  before(async () => {
    mesh = await TestMesh.start([
      { service: "web", upstreams: ["api"] },
      { service: "api" },
      { service: "admin" },
    ]);
  });
  after(() => mesh[Symbol.asyncDispose]());

  const http = [defaults("api"), defaults("admin")];

  /** Requests that match go to admin, all others to api itself. */
  const routed = async (match: Readonly<Record<string, unknown>>, destination = {}) =>
    mesh.scene({ entries: [...http, router("api", route(match, { Service: "admin", ...destination }))] });

  const answeredBy = async (path: string, options: CallOptions = {}) => {
    const { status, body } = await mesh.call("api", path, options);
    return status === 200 ? body : status;
  };

  const last = (instance: string) => mesh.application(instance).received.at(-1);

  it("routes an exact path and no other", async () => {
    await routed({ PathExact: "/admin" });
    assert.equal(await answeredBy("/admin"), "admin-1");
    assert.equal(await answeredBy("/admin/x"), "api-1");
    assert.equal(await answeredBy("/ADMIN"), "api-1");
  });

  it("routes a path's beginning", async () => {
    await routed({ PathPrefix: "/admin" });
    assert.equal(await answeredBy("/admin/x"), "admin-1");
    assert.equal(await answeredBy("/x/admin"), "api-1");
  });

  it("routes a pattern of the whole path", async () => {
    await routed({ PathRegex: "/users/[0-9]+/admin" });
    assert.equal(await answeredBy("/users/12/admin"), "admin-1");
    assert.equal(await answeredBy("/users/ab/admin"), "api-1");
    assert.equal(await answeredBy("/users/12/admin/x"), "api-1");
  });

  it("routes paths in upper and lower case when told to", async () => {
    await routed({ PathPrefix: "/admin", CaseInsensitive: true });
    assert.equal(await answeredBy("/ADMIN/x"), "admin-1");
    await routed({ PathExact: "/admin", CaseInsensitive: true });
    assert.equal(await answeredBy("/Admin"), "admin-1");
    await routed({ PathRegex: "/adm.*", CaseInsensitive: true });
    assert.equal(await answeredBy("/ADMIN"), "admin-1");
  });

  it("routes by a header that is there", async () => {
    await routed({ Header: [{ Name: "x-debug", Present: true }] });
    assert.equal(await answeredBy("/", { headers: { "x-debug": "" } }), "admin-1");
    assert.equal(await answeredBy("/"), "api-1");
  });

  it("routes by a header that is not there", async () => {
    await routed({ Header: [{ Name: "x-debug", Present: true, Invert: true }] });
    assert.equal(await answeredBy("/", { headers: { "x-debug": "1" } }), "api-1");
    assert.equal(await answeredBy("/"), "admin-1");
  });

  it("routes by a header's whole value", async () => {
    await routed({ Header: [{ Name: "x-debug", Exact: "on" }] });
    assert.equal(await answeredBy("/", { headers: { "x-debug": "on" } }), "admin-1");
    assert.equal(await answeredBy("/", { headers: { "x-debug": "one" } }), "api-1");
  });

  it("routes by the beginning of a header's value", async () => {
    await routed({ Header: [{ Name: "x-debug", Prefix: "on" }] });
    assert.equal(await answeredBy("/", { headers: { "x-debug": "one" } }), "admin-1");
    assert.equal(await answeredBy("/", { headers: { "x-debug": "no" } }), "api-1");
  });

  it("routes by the end of a header's value", async () => {
    await routed({ Header: [{ Name: "x-debug", Suffix: "ne" }] });
    assert.equal(await answeredBy("/", { headers: { "x-debug": "one" } }), "admin-1");
    assert.equal(await answeredBy("/", { headers: { "x-debug": "net" } }), "api-1");
  });

  it("routes by a pattern of a header's value", async () => {
    await routed({ Header: [{ Name: "x-debug", Regex: "o[a-n]+" }] });
    assert.equal(await answeredBy("/", { headers: { "x-debug": "on" } }), "admin-1");
    assert.equal(await answeredBy("/", { headers: { "x-debug": "oz" } }), "api-1");
  });

  it("routes by a header's value turned round", async () => {
    await routed({ Header: [{ Name: "x-debug", Exact: "off", Invert: true }] });
    assert.equal(await answeredBy("/", { headers: { "x-debug": "off" } }), "api-1");
    assert.equal(await answeredBy("/", { headers: { "x-debug": "on" } }), "admin-1");
  });

  it("routes by a query parameter that is there", async () => {
    await routed({ QueryParam: [{ Name: "debug", Present: true }] });
    assert.equal(await answeredBy("/?debug"), "admin-1");
    assert.equal(await answeredBy("/?other=1"), "api-1");
  });

  it("routes by a query parameter's value", async () => {
    await routed({ QueryParam: [{ Name: "debug", Exact: "1" }] });
    assert.equal(await answeredBy("/?debug=1"), "admin-1");
    assert.equal(await answeredBy("/?debug=11"), "api-1");
  });

  it("routes by a pattern of a query parameter", async () => {
    await routed({ QueryParam: [{ Name: "debug", Regex: "[0-9]+" }] });
    assert.equal(await answeredBy("/?debug=11"), "admin-1");
    assert.equal(await answeredBy("/?debug=x1"), "api-1");
  });

  it("routes by methods", async () => {
    await routed({ Methods: ["PUT", "delete"] });
    assert.equal(await answeredBy("/", { method: "PUT" }), "admin-1");
    assert.equal(await answeredBy("/", { method: "DELETE" }), "admin-1");
    assert.equal(await answeredBy("/", { method: "GET" }), "api-1");
  });

  it("routes by everything that a match names at once", async () => {
    await routed({ PathPrefix: "/a", Methods: ["GET"], Header: [{ Name: "x-debug", Present: true }] });
    const headers = { "x-debug": "1" };
    assert.equal(await answeredBy("/a", { headers }), "admin-1");
    assert.equal(await answeredBy("/b", { headers }), "api-1");
    assert.equal(await answeredBy("/a", { headers, method: "POST" }), "api-1");
    assert.equal(await answeredBy("/a"), "api-1");
  });

  it("lets the first route that matches decide", async () => {
    const first = route({ PathPrefix: "/a/b" }, { Service: "api" });
    const second = route({ PathPrefix: "/a" }, { Service: "admin" });
    await mesh.scene({ entries: [...http, router("api", first, second)] });
    assert.equal(await answeredBy("/a/b"), "api-1");
    assert.equal(await answeredBy("/a/c"), "admin-1");
  });

  it("sends everything elsewhere by a route without a match", async () => {
    await mesh.scene({ entries: [...http, router("api", route(null, { Service: "admin" }))] });
    assert.equal(await answeredBy("/any"), "admin-1");
  });

  it("leaves the path as it is without a rewrite", async () => {
    await routed({ PathPrefix: "/admin" });
    await answeredBy("/admin/x?y=1");
    assert.equal(last("admin-1")?.path, "/admin/x?y=1");
  });

  it("puts a prefix in the place of the matched one", async () => {
    await routed({ PathPrefix: "/admin" }, { PrefixRewrite: "/v2" });
    await answeredBy("/admin/x?y=1");
    assert.equal(last("admin-1")?.path, "/v2/x?y=1");
  });

  it("takes a prefix away without leaving two slashes", async () => {
    await routed({ PathPrefix: "/admin" }, { PrefixRewrite: "/" });
    await answeredBy("/admin/x");
    assert.equal(last("admin-1")?.path, "/x");
    await answeredBy("/admin");
    assert.equal(last("admin-1")?.path, "/");
  });

  it("puts a path in the place of an exact one", async () => {
    await routed({ PathExact: "/admin" }, { PrefixRewrite: "/home" });
    await answeredBy("/admin");
    assert.equal(last("admin-1")?.path, "/home");
  });

  it("adds, sets and removes headers of requests", async () => {
    const RequestHeaders = { Add: { "x-a": "2" }, Set: { "x-s": "new" }, Remove: ["x-r"] };
    await routed({ PathPrefix: "/" }, { RequestHeaders });
    await answeredBy("/", { headers: { "x-a": "1", "x-s": "old", "x-r": "gone" } });
    const { headers = {} } = last("admin-1") ?? {};
    assert.deepEqual([headers["x-a"], headers["x-s"], headers["x-r"]], ["1, 2", "new", undefined]);
  });

  it("adds, sets and removes headers of responses", async () => {
    const ResponseHeaders = { Add: { "x-a": "2" }, Set: { "x-s": "new" }, Remove: ["x-r"] };
    await routed({ PathPrefix: "/" }, { ResponseHeaders });
    mesh.application("admin-1").answer = () => ({ headers: { "x-a": "1", "x-s": "old", "x-r": "gone" } });
    const { headers } = await mesh.call("api", "/");
    assert.deepEqual([headers["x-a"], headers["x-s"], headers["x-r"]], ["1, 2", "new", undefined]);
  });

  it("routes to a subset of a service", async () => {
    const subsets = resolver("api", { Subsets: { some: { Filter: "" } } });
    await mesh.scene({
      entries: [...http, subsets, router("api", route({ PathPrefix: "/s" }, { ServiceSubset: "some" }))],
    });
    assert.equal(await answeredBy("/s"), "api-1");
  });

  it("takes a change of routes at once", async () => {
    await routed({ PathPrefix: "/admin" });
    assert.equal(await answeredBy("/admin"), "admin-1");
    await mesh.change({ entries: http });
    assert.equal(await answeredBy("/admin"), "api-1");
  });

  it("does the same for http2 and grpc", async () => {
    const entries = (Protocol: string) => [
      defaults("api", { Protocol }),
      defaults("admin", { Protocol }),
      router("api", route({ PathPrefix: "/test.Admin/" }, { Service: "admin" })),
    ];
    await mesh.scene({ entries: entries("http2") });
    assert.equal((await mesh.callHttp2("api", "/test.Admin/x")).body, "admin-1");
    await mesh.scene({ entries: entries("grpc") });
    assert.equal((await mesh.callGrpc("api", "/test.Admin/Do")).body, "admin-1");
    assert.equal((await mesh.callGrpc("api", "/test.Other/Do")).body, "api-1");
  });
});
