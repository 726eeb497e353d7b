import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TestMesh } from "./support/test-mesh.ts";

const http = { Kind: "service-defaults", Name: "api", Protocol: "http" };
const rules = {
  Kind: "service-intentions",
  Name: "api",
  Sources: [{ Name: "*", Permissions: [{ Action: "deny", HTTP: { PathPrefix: "/admin" } }] }],
};

/** A mesh for each case: a changed listener lets its old connections live on for a while, with what it was. */
async function meshWith(RequestNormalization: object): Promise<TestMesh> {
  const mesh = await TestMesh.start([{ service: "web", upstreams: ["api"] }, { service: "api" }]);
  const entry = { Kind: "mesh", Name: "mesh", HTTP: { Incoming: { RequestNormalization } } };
  await mesh.scene({ entries: [http, rules, entry] });
  return mesh;
}

describe("request normalisation", () => {
  const statuses = (mesh: TestMesh, paths: readonly string[], options = {}) =>
    Promise.all(paths.map(async (path) => [path, (await mesh.call("api", path, options)).status]));
  const all = (paths: readonly string[], status: number) => paths.map((path) => [path, status]);

  it("dots and encoded letters are no way round a rule", async () => {
    await using mesh = await meshWith({});
    const tricks = ["/admin", "/x/../admin", "/./admin", "/%61dmin", "/x/%2e%2e/admin", "/x\\..\\admin"];
    assert.deepEqual(await statuses(mesh, tricks), all(tricks, 403));
  });

  it("MergeSlashes: nor are double slashes", async () => {
    await using mesh = await meshWith({ MergeSlashes: true });
    const tricks = ["//admin", "/x/..//admin", "///admin//x"];
    assert.deepEqual(await statuses(mesh, tricks), all(tricks, 403));
  });

  it("UNESCAPE_AND_FORWARD: nor are encoded slashes", async () => {
    await using mesh = await meshWith({ PathWithEscapedSlashesAction: "UNESCAPE_AND_FORWARD" });
    const tricks = ["/x/..%2fadmin", "/x%2F..%2Fadmin", "/x%5C..%5Cadmin"];
    assert.deepEqual(await statuses(mesh, tricks), all(tricks, 403));
  });

  it("UNESCAPE_AND_REDIRECT tells the client the plain path", async () => {
    await using mesh = await meshWith({ PathWithEscapedSlashesAction: "UNESCAPE_AND_REDIRECT" });
    const { status, headers } = await mesh.call("api", "/x%2fy");
    assert.deepEqual([status, headers["location"]], [307, "/x/y"]);
  });

  it("REJECT_REQUEST answers 400 to encoded slashes", async () => {
    await using mesh = await meshWith({ PathWithEscapedSlashesAction: "REJECT_REQUEST" });
    assert.deepEqual(await statuses(mesh, ["/x%2fy", "/x%5cy"]), all(["/x%2fy", "/x%5cy"], 400));
  });

  it("HeadersWithUnderscoresAction REJECT_REQUEST resets requests with such headers", async () => {
    await using mesh = await meshWith({ HeadersWithUnderscoresAction: "REJECT_REQUEST" });
    assert.deepEqual(await statuses(mesh, ["/"], { headers: { x_role: "admin" } }), all(["/"], 503));
    assert.deepEqual(await statuses(mesh, ["/plain"]), all(["/plain"], 200));
    assert.deepEqual(
      mesh.application("api-1").received.map(({ path }) => path),
      ["/plain"],
    );
  });

  it("HeadersWithUnderscoresAction DROP_HEADER takes them out", async () => {
    await using mesh = await meshWith({ HeadersWithUnderscoresAction: "DROP_HEADER" });
    await mesh.call("api", "/", { headers: { x_role: "admin", "x-team": "red" } });
    const { headers } = mesh.application("api-1").received[0] ?? {};
    assert.deepEqual([headers?.["x_role"], headers?.["x-team"]], [undefined, "red"]);
  });

  it("InsecureDisablePathNormalization leaves paths, and a way round, as they are", async () => {
    await using mesh = await meshWith({ InsecureDisablePathNormalization: true });
    assert.deepEqual(await statuses(mesh, ["/x/../admin"]), all(["/x/../admin"], 200));
    assert.equal(mesh.application("api-1").received[0]?.path, "/x/../admin");
  });
});
