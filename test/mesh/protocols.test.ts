import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { TestMesh } from "./support/test-mesh.ts";

describe("protocols", () => {
  let mesh: TestMesh;
  before(async () => {
    mesh = await TestMesh.start([{ service: "web", upstreams: ["api"] }, { service: "api" }]);
  });
  after(() => mesh[Symbol.asyncDispose]());

  const speaks = (Protocol: string) => ({ Kind: "service-defaults", Name: "api", Protocol });

  it("tcp is the default: bytes pass as they are", async () => {
    await mesh.scene({});
    assert.equal((await mesh.callTcp("api")).body, "api-1 hello");
  });

  it("tcp carries any protocol of the application, http too", async () => {
    await mesh.scene({ entries: [speaks("tcp")] });
    assert.equal((await mesh.call("api", "/x")).status, 200);
    assert.equal((await mesh.callHttp2("api", "/x")).status, 200);
  });

  it("http reaches the application as HTTP/1.1", async () => {
    await mesh.scene({ entries: [speaks("http")] });
    const { status, body } = await mesh.call("api", "/orders?x=1", { method: "POST", body: "one" });
    assert.deepEqual([status, body], [200, "api-1"]);
    const [received] = mesh.application("api-1").received;
    assert.deepEqual(
      [received?.method, received?.path, received?.httpVersion, received?.body],
      ["POST", "/orders?x=1", "1.1", "one"],
    );
  });

  it("http2 reaches the application as HTTP/2", async () => {
    await mesh.scene({ entries: [speaks("http2")] });
    assert.equal((await mesh.callHttp2("api", "/x")).body, "api-1");
    assert.equal(mesh.application("api-1").received[0]?.httpVersion, "2.0");
  });

  it("grpc carries messages and statuses", async () => {
    await mesh.scene({ entries: [speaks("grpc")] });
    const seen = await mesh.callGrpc("api");
    assert.deepEqual([seen.grpcStatus, seen.body], [0, "api-1"]);
    mesh.application("api-1").answer = () => ({ grpcStatus: 7 });
    assert.equal((await mesh.callGrpc("api")).grpcStatus, 7);
  });
});
