import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { until } from "../support/wait.ts";
import type { WrittenEntry } from "./support/entry.ts";
import { TestMesh } from "./support/test-mesh.ts";

const http: WrittenEntry = { Kind: "service-defaults", Name: "api", Protocol: "http" };
const intentions = (...Sources: object[]): WrittenEntry => ({
  Kind: "service-intentions",
  Name: "api",
  Sources,
});

describe("intentions", () => {
  let mesh: TestMesh;
  before(async () => {
    mesh = await TestMesh.start([
      { service: "web", upstreams: ["api"] },
      { service: "batch", upstreams: ["api"] },
      { service: "api" },
    ]);
  });
  after(() => mesh[Symbol.asyncDispose]());

  const status = async (path: string, options = {}, from = "web-1") =>
    (await mesh.call("api", path, options, from)).status;

  it("tcp: a denied connection is closed without a byte", async () => {
    await mesh.scene({ entries: [intentions({ Name: "web", Action: "deny" })] });
    const { body, error } = await mesh.callTcp("api");
    assert.deepEqual([body, ["closed", "ECONNRESET"].includes(error)], ["", true]);
    assert.equal((await mesh.callTcp("api", "batch-1")).body, "api-1 hello");
    assert.equal(mesh.application("api-1").received.length, 0);
  });

  it("http: a denied request gets 403 and Envoy's text", async () => {
    await mesh.scene({ entries: [http, intentions({ Name: "web", Action: "deny" })] });
    const { status: denied, body, headers } = await mesh.call("api");
    assert.deepEqual([denied, body, headers["content-type"]], [403, "RBAC: access denied", "text/plain"]);
    assert.equal(await status("/", {}, "batch-1"), 200);
    const stats = await mesh.member("api-1").envoy.stats("http.public_listener.*rbac.denied");
    assert.deepEqual(Object.values(stats), [1]);
  });

  it("grpc: a denied call gets PERMISSION_DENIED", async () => {
    await mesh.scene({
      entries: [{ ...http, Protocol: "grpc" }, intentions({ Name: "web", Action: "deny" })],
    });
    assert.equal((await mesh.callGrpc("api")).grpcStatus, 7);
  });

  it("the exact source overrules the wildcard", async () => {
    const sources = [
      { Name: "*", Action: "deny" },
      { Name: "web", Action: "allow" },
    ];
    await mesh.scene({ entries: [http, intentions(...sources)] });
    assert.deepEqual([await status("/"), await status("/", {}, "batch-1")], [200, 403]);
  });

  it("the exact destination overrules the wildcard", async () => {
    const everywhere = { Kind: "service-intentions", Name: "*", Sources: [{ Name: "web", Action: "allow" }] };
    await mesh.scene({ entries: [http, everywhere, intentions({ Name: "*", Action: "deny" })] });
    assert.equal(await status("/"), 403);
  });

  it("a change takes effect on connections that are kept, and cuts no request that is under way", async () => {
    await mesh.scene({ entries: [http] });
    mesh.application("api-1").answer = () => ({ delay: 300 });
    const slow = mesh.call("api", "/slow");
    await until("it has arrived", () => mesh.application("api-1").received.length === 1);
    await mesh.change({ entries: [http, intentions({ Name: "*", Action: "deny" })] });
    assert.equal(await status("/"), 403);
    assert.equal((await slow).status, 200);
  });

  describe("permissions", () => {
    const holds = async (
      permissions: object[],
      cases: readonly [path: string, expected: number, options?: object][],
    ) => {
      await mesh.scene({ entries: [http, intentions({ Name: "*", Permissions: permissions })] });
      for (const [path, expected, options] of cases)
        assert.equal(await status(path, options), expected, `${path} ${JSON.stringify(options)}`);
    };
    const only = (HTTP: object) => [
      { Action: "allow", HTTP },
      { Action: "deny", HTTP: { PathPrefix: "/" } },
    ];
    const withHeader = (value: string) => ({ headers: { "x-role": value } });
    const byHeader = (match: object) => only({ Header: [{ Name: "X-Role", ...match }] });

    it("the first that matches decides", () =>
      holds(
        [
          { Action: "deny", HTTP: { PathExact: "/v1/secret" } },
          { Action: "allow", HTTP: { PathPrefix: "/v1" } },
          { Action: "deny", HTTP: { PathPrefix: "/" } },
        ],
        [
          ["/v1/secret", 403],
          ["/v1/secret?x", 403],
          ["/v1/secrets", 200],
          ["/v2", 403],
        ],
      ));

    it("what none matches, the default policy decides", () =>
      holds(
        [{ Action: "deny", HTTP: { PathExact: "/no" } }],
        [
          ["/no", 403],
          ["/yes", 200],
        ],
      ));

    it("PathExact", () =>
      holds(only({ PathExact: "/a" }), [
        ["/a", 200],
        ["/a?q=1", 200],
        ["/a/b", 403],
        ["/A", 403],
      ]));

    it("PathPrefix", () =>
      holds(only({ PathPrefix: "/a" }), [
        ["/a", 200],
        ["/ab/c", 200],
        ["/b/a", 403],
      ]));

    it("PathRegex", () =>
      holds(only({ PathRegex: "/v[12]/.*" }), [
        ["/v1/x", 200],
        ["/v3/x", 403],
        ["/x/v1/x", 403],
      ]));

    it("Methods", () =>
      holds(only({ Methods: ["get", "POST"] }), [
        ["/", 200],
        ["/", 200, { method: "POST" }],
        ["/", 403, { method: "PUT" }],
      ]));

    it("Header Present", () =>
      holds(byHeader({ Present: true }), [
        ["/", 200, withHeader("")],
        ["/", 403],
      ]));

    it("Header Exact", () =>
      holds(byHeader({ Exact: "admin" }), [
        ["/", 200, withHeader("admin")],
        ["/", 403, withHeader("Admin")],
        ["/", 403],
      ]));

    it("Header Prefix", () =>
      holds(byHeader({ Prefix: "adm" }), [
        ["/", 200, withHeader("admin")],
        ["/", 403, withHeader("badmin")],
      ]));

    it("Header Suffix", () =>
      holds(byHeader({ Suffix: "min" }), [
        ["/", 200, withHeader("admin")],
        ["/", 403, withHeader("admins")],
      ]));

    it("Header Contains", () =>
      holds(byHeader({ Contains: "dmi" }), [
        ["/", 200, withHeader("admin")],
        ["/", 403, withHeader("user")],
      ]));

    it("Header Contains sees every value of a header that comes twice", () =>
      holds(
        [{ Action: "deny", HTTP: { Header: [{ Name: "x-role", Contains: "admin" }] } }],
        [
          ["/", 403, { headers: { "x-role": ["user", "admin"] } }],
          ["/", 200, { headers: { "x-role": ["user", "guest"] } }],
        ],
      ));

    it("Header Regex", () =>
      holds(byHeader({ Regex: "a[a-z]+n" }), [
        ["/", 200, withHeader("admin")],
        ["/", 403, withHeader("admin2")],
      ]));

    it("Header IgnoreCase", () =>
      holds(byHeader({ Exact: "admin", IgnoreCase: true }), [
        ["/", 200, withHeader("ADMIN")],
        ["/", 403, withHeader("ADMINS")],
      ]));

    it("Header Invert", () =>
      holds(byHeader({ Exact: "admin", Invert: true }), [
        ["/", 200, withHeader("user")],
        ["/", 403, withHeader("admin")],
      ]));

    it("Header Invert of Present", () =>
      holds(byHeader({ Present: true, Invert: true }), [
        ["/", 200],
        ["/", 403, withHeader("user")],
      ]));

    it("tcp: permissions deny, for nobody sees the requests", async () => {
      await mesh.scene({ entries: [intentions({ Name: "web", Permissions: only({ PathPrefix: "/" }) })] });
      assert.equal((await mesh.callTcp("api")).body, "");
    });
  });
});
