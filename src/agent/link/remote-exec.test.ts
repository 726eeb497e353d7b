import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import type { AllocationId } from "#model/id.ts";
import { silentLog } from "#model/log.ts";
import { startSession } from "#node/drivers/exec-session.ts";
import { execTunnel, remoteExec } from "./remote-exec.ts";
import { RpcClient } from "./rpc-client.ts";
import { RpcServer } from "./rpc-server.ts";

const TOKEN = "x".repeat(43);
const allocation = "a" as AllocationId;

describe("a command in a task of another machine", () => {
  let server: RpcServer;
  let rpc: RpcClient;
  before(async () => {
    const exec = async (
      _: AllocationId,
      task: string,
      { command, tty }: { command: readonly string[]; tty: boolean },
    ) => {
      if (task !== "there") throw new Error(`there is no task "${task}"`);
      return startSession({ command, environment: { PATH: "/usr/bin:/bin" }, cwd: "/", tty });
    };
    const methods = { calls: {}, streams: {}, tunnels: { exec: async () => execTunnel({ exec }) } };
    server = await RpcServer.start("127.0.0.1", 0, TOKEN, methods, silentLog);
    rpc = new RpcClient([`127.0.0.1:${server.port}`], TOKEN);
  });
  after(async () => {
    rpc.close();
    await server.close();
  });

  const run = (...command: string[]) => remoteExec(rpc, allocation, "there", { command, tty: false });

  it("has its input, both outputs and its exit code", { timeout: 10_000 }, async () => {
    const session = await run("sh", "-c", "cat; echo err >&2; exit 7");
    session.stdin.end("hello");
    const outputs = await Promise.all([text(session.stdout), text(session.stderr), session.exitCode]);
    assert.deepEqual(outputs, ["hello", "err\n", 7]);
  });

  it("says why it cannot be run", { timeout: 10_000 }, async () => {
    await assert.rejects(
      remoteExec(rpc, allocation, "none", { command: ["x"], tty: false }),
      /no task "none"/,
    );
  });

  it("ends with whoever runs it", { timeout: 10_000 }, async () => {
    const session = await run("sh", "-c", "echo $$; exec sleep 100");
    const [pid] = (await session.stdout[Symbol.asyncIterator]().next()).value?.toString().split("\n") ?? [];
    const exit = assert.rejects(session.exitCode);
    session.kill();
    await exit;
    for (;;) {
      try {
        process.kill(Number(pid), 0);
      } catch {
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
});
