import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { WebSocket, WebSocketServer } from "ws";
import { freePort } from "../e2e/support/yurt.ts";
import { startPostgres } from "../support/postgres.ts";
import { startRedis } from "../support/redis.ts";
import { until } from "../support/wait.ts";
import { echo, startEcho } from "./support/big-body.ts";
import type { Place } from "./support/client.ts";
import { defaults } from "./support/entries.ts";
import type { WrittenEntry } from "./support/entry.ts";
import { GreeterClient, startGrpc } from "./support/grpc-service.ts";
import { TestMesh } from "./support/test-mesh.ts";

const run = promisify(execFile);

const LOCAL = "127.0.0.1";
const [INSIDE_PORT, OUTSIDE_PORT] = [9000, 9001];

describe("servers and clients of others", () => {
  let mesh: TestMesh;
  before(async () => {
    mesh = await TestMesh.start([
      { service: "web", upstreams: ["inside", "outside"] },
      { service: "inside" },
      { service: "outside", outside: true },
      { service: "out", gateway: "terminating-gateway" },
      { service: "edge", gateway: "ingress-gateway" },
    ]);
  });
  after(() => mesh[Symbol.asyncDispose]());

  /** Puts a server at a port of this machine behind every way into it. */
  async function waysTo(port: number, Protocol: string): Promise<Record<string, Place>> {
    const served = (Name: string) => (Protocol === "tcp" ? { Name } : { Name, Hosts: ["*"] });
    const listeners: WrittenEntry = {
      ...{ Kind: "ingress-gateway", Name: "edge" },
      Listeners: [
        { Port: INSIDE_PORT, Protocol, Services: [served("inside")] },
        { Port: OUTSIDE_PORT, Protocol, Services: [served("outside")] },
      ],
    };
    await mesh.scene({
      entries: [
        ...[defaults("inside", { Protocol }), defaults("outside", { Protocol }), listeners],
        { Kind: "terminating-gateway", Name: "out", Services: [{ Name: "outside" }] },
      ],
      proxies: { "inside-1": { LocalServiceAddress: LOCAL, LocalServicePort: port } },
      ...{ addresses: { "outside-1": LOCAL }, ports: { "outside-1": port } },
    });
    return {
      "a service of the mesh": mesh.upstream("web-1", "inside"),
      "a service outside, behind a terminating gateway": mesh.upstream("web-1", "outside"),
      "a service of the mesh, through an ingress gateway": mesh.gateway("edge-1", INSIDE_PORT),
      "a service outside, through both gateways": mesh.gateway("edge-1", OUTSIDE_PORT),
    };
  }

  async function eachWay(
    port: number,
    protocol: string,
    use: (place: Place, way: string) => Promise<void>,
  ): Promise<void> {
    for (const [way, place] of Object.entries(await waysTo(port, protocol))) await use(place, way);
  }

  it("PostgreSQL and psql: a table is filled and read back", async () => {
    const database = await startPostgres(await freePort());
    try {
      await eachWay(database.port, "tcp", async ({ address, port }, way) => {
        const rows = Array.from({ length: 50_000 }, (_, i) => `${i}`).join("\n");
        const script = `create temp table t (i int);\ncopy t from stdin;\n${rows}\n\\.\nselect count(*), sum(i) from t;\n`;
        const words = ["-h", address, "-p", `${port}`, "-U", "postgres", "-qAt"];
        assert.equal((await piped("psql", words, script)).trim(), "50000|1249975000", way);
      });
    } finally {
      await database.stop();
    }
  });

  it("Redis and redis-cli: keys are set by thousands, and messages arrive at who listens for them", async () => {
    const port = await freePort();
    await using _ = await startRedis({ address: LOCAL, port });
    await eachWay(port, "tcp", async (place, way) => {
      const at = ["-h", place.address, "-p", `${place.port}`];
      const commands = Array.from({ length: 10_000 }, (_, i) => `SET key:${i} ${i}\r\n`).join("");
      assert.match(await piped("redis-cli", [...at, "--pipe"], commands), /errors: 0, replies: 10000/, way);
      const { stdout } = await run("redis-cli", [...at, "MGET", "key:0", "key:9999"]);
      assert.deepEqual(stdout.trim().split("\n"), ["0", "9999"], way);
      const listening = spawn("redis-cli", [...at, "SUBSCRIBE", "news"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let heard = "";
      listening.stdout.setEncoding("utf8").on("data", (part: string) => {
        heard += part;
      });
      await until("it listens", () => heard.includes("subscribe"));
      const published = await run("redis-cli", [...at, "PUBLISH", "news", "it has come"]);
      assert.equal(published.stdout.trim(), "1", way);
      await until("it has heard", () => heard.includes("it has come"));
      listening.kill();
      await run("redis-cli", [...at, "FLUSHALL"]);
    });
  });

  it("gRPC: calls, their statuses, trailers, and a conversation", async () => {
    const port = await freePort();
    await using _ = await startGrpc({ address: LOCAL, port });
    await eachWay(port, "grpc", async (place, way) => {
      using client = new GreeterClient(place);
      assert.deepEqual(
        await client.greet("you"),
        { message: "hello you", code: 0, details: "OK", trailer: "web" },
        way,
      );
      const { code, details } = await client.greet("nobody");
      assert.deepEqual([code, details], [3, "whom?"], way);
      assert.deepEqual(await client.chat(["a", "b", "c"]), ["a!", "b!", "c!"], way);
    });
  });

  it("HTTP/2: many requests at a time by nghttp on one connection", async () => {
    const own = await freePort();
    await using _ = await startEcho({ address: LOCAL, port: own });
    await eachWay(own, "http", async ({ address, port }, way) => {
      const words = ["-n", "-s", "-m", "200", `http://${address}:${port}/`];
      const { stdout } = await run("nghttp", words);
      assert.equal(stdout.match(/ 200 +\d+ /g)?.length, 200, `${way}: ${stdout}`);
    });
  });

  it("a WebSocket: texts, bytes, pings and the code of its end", async () => {
    const server = new WebSocketServer({ host: LOCAL, port: 0 });
    await once(server, "listening");
    server.on("connection", (socket, { url }) => {
      socket.send(`${url}`);
      socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
      socket.on("close", (code) => socket.close(code));
    });
    const { port } = server.address() as { port: number };
    try {
      await eachWay(port, "http", async (place, way) => {
        const socket = new WebSocket(`ws://${place.address}:${place.port}/chat?x=1`);
        const received = async () => (await once(socket, "message"))[0] as Buffer;
        assert.equal(`${await received()}`, "/chat?x=1", way);
        const bytes = Buffer.alloc(1024 * 1024, "yurt");
        socket.send(bytes);
        assert.ok(bytes.equals(await received()), way);
        socket.ping("still there?");
        assert.equal(`${(await once(socket, "pong"))[0]}`, "still there?", way);
        socket.close(4001, "enough");
        assert.equal((await once(socket, "close"))[0], 4001, way);
      });
    } finally {
      server.close();
    }
  });

  it("a body of 1 GiB goes and comes back unchanged, and no proxy keeps it", async () => {
    const port = await freePort();
    await using _ = await startEcho({ address: LOCAL, port });
    const ways = await waysTo(port, "http");
    for (const way of ["a service of the mesh", "a service outside, through both gateways"]) {
      const place = ways[way];
      assert.ok(place);
      const { sent, returned, bytes } = await echo(place, 1024);
      assert.deepEqual([bytes, returned], [1024 ** 3, sent], way);
    }
    for (const id of ["web-1", "inside-1", "edge-1", "out-1"]) {
      const { "server.memory_heap_size": held = Number.NaN } = await mesh
        .member(id)
        .envoy.stats("^server.memory_heap_size$");
      assert.ok(held < 256 * 1024 ** 2, `${id} holds ${held} bytes`);
    }
  });
});

/** What a program prints that is given `input`. */
async function piped(program: string, words: readonly string[], input: string): Promise<string> {
  const running = run(program, words, { timeout: 30_000 });
  running.child.stdin?.end(input);
  return (await running).stdout;
}
