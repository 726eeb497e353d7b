import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { defaults } from "./support/entries.ts";
import { issue, newAuthority } from "./support/outside-authority.ts";
import { TestMesh } from "./support/test-mesh.ts";

const HOST = "lambda.eu-west-1.amazonaws.com";
const ARN = "arn:aws:lambda:eu-west-1:111111111111:function:hello";
/** Of this process alone: Lambda is always found at port 443. */
const ADDRESS = `127.${216 + (process.pid % 16)}.${(process.pid >> 4) & 255}.1`;

interface Invocation {
  readonly path: string;
  readonly authorization: string;
  readonly type: string;
  readonly body: string;
}

/** A server in the place of AWS Lambda, which says what it was asked. */
class FakeLambda implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "yurt-lambda-"));
  readonly invocations: Invocation[] = [];
  #server: Server | null = null;

  /** What runs an Envoy that takes this server for Lambda. */
  get runner(): string[] {
    const hosts = join(this.folder, "hosts");
    writeFileSync(hosts, `${ADDRESS} ${HOST}\n127.0.0.1 localhost\n`);
    return [
      ...["env", "AWS_ACCESS_KEY_ID=key", "AWS_SECRET_ACCESS_KEY=secret"],
      ...["unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', hosts],
    ];
  }

  async listen(): Promise<void> {
    const files = await issue(this.folder, "lambda", HOST, await newAuthority(this.folder, "authority"), 9);
    const [cert, key] = [readFileSync(files.certificate), readFileSync(files.key)];
    this.#server = createServer({ cert, key }, (request, response) => void this.#answer(request, response));
    this.#server.listen(443, ADDRESS);
    await once(this.#server, "listening");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { authorization = "", "x-amz-invocation-type": type = "" } = request.headers;
    const body = await text(request);
    this.invocations.push({ path: request.url ?? "", authorization, type: String(type), body });
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ statusCode: 201, headers: { "x-by": "lambda" }, body: "done" }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server?.close();
    this.#server?.closeAllConnections();
    rmSync(this.folder, { recursive: true });
  }
}

describe("builtin/aws/lambda", () => {
  const lambda = new FakeLambda();
  let mesh: TestMesh;
  before(async () => {
    await lambda.listen();
    mesh = await TestMesh.start([
      { service: "web", upstreams: ["hello"], runner: lambda.runner },
      { service: "out", gateway: "terminating-gateway", runner: lambda.runner },
    ]);
  });
  after(async () => {
    await mesh[Symbol.asyncDispose]();
    await lambda[Symbol.asyncDispose]();
  });

  const hello = (Arguments: object) =>
    defaults("hello", { EnvoyExtensions: [{ Name: "builtin/aws/lambda", Arguments }] });

  const last = () => lambda.invocations.at(-1);

  it("a request to the service invokes the function, and the function's answer comes back", async () => {
    await mesh.scene({ entries: [hello({ ARN })] });
    const answer = await mesh.call("hello", "/orders?n=1", { method: "POST", body: "two" });
    assert.deepEqual([answer.status, answer.headers["x-by"], answer.body], [201, "lambda", "done"]);
    assert.equal(last()?.path, `/2015-03-31/functions/${ARN}/invocations`);
    assert.match(last()?.authorization ?? "", /^AWS4-HMAC-SHA256 Credential=key\/\d+\/eu-west-1\/lambda\//);
    const event = JSON.parse(last()?.body ?? "");
    assert.deepEqual([event.method, event.raw_path, event.body], ["POST", "/orders?n=1", btoa("two")]);
  });

  it("PayloadPassthrough: bodies are handed on as they are", async () => {
    await mesh.scene({ entries: [hello({ ARN, PayloadPassthrough: true })] });
    const answer = await mesh.call("hello", "/", { method: "POST", body: '{"n":1}' });
    assert.equal(last()?.body, '{"n":1}');
    assert.deepEqual(JSON.parse(answer.body), {
      statusCode: 201,
      headers: { "x-by": "lambda" },
      body: "done",
    });
  });

  it("InvocationMode asynchronous: nobody waits for the function", async () => {
    await mesh.scene({ entries: [hello({ ARN, InvocationMode: "asynchronous" })] });
    await mesh.call("hello", "/");
    assert.equal(last()?.type, "Event");
  });

  it("behind a terminating gateway, it is the gateway that invokes it", async () => {
    const behind = { Kind: "terminating-gateway", Name: "out", Services: [{ Name: "hello" }] };
    await mesh.scene({ entries: [hello({ ARN }), behind] });
    assert.equal((await mesh.call("hello", "/")).body, "done");
    const sent = await mesh.member("out-1").envoy.stats("^cluster.hello.*upstream_rq_total");
    assert.deepEqual(Object.values(sent), [1]);
  });
});
