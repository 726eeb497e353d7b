import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { second } from "#model/schema/duration.ts";
import type { Json } from "#model/schema/schema.ts";
import { DockerDaemon } from "../support/docker-daemon.ts";
import { podman, withoutPodman } from "../support/podman-service.ts";
import { allocate, bridged, dockerOptions, shell, type TaskInput, TestNode, traces } from "./test-node.ts";

const IMAGE = "yurt-test:1";
const never = { Attempts: 0, Mode: "fail" } as const;

describe("tasks of docker on Podman's service", { skip: withoutPodman }, () => {
  let daemon: DockerDaemon;
  let node: TestNode;
  before(async () => {
    daemon = await DockerDaemon.start(podman);
    await daemon.importImage(IMAGE);
    node = await TestNode.start({ docker: dockerOptions(daemon.socketPath) });
  });
  after(async () => {
    await node?.stop();
    const left = await daemon?.engine.call<unknown[]>("/containers/json", { query: { all: true } });
    await daemon?.[Symbol.asyncDispose]();
    assert.deepEqual(left, [], "no container is left");
    assert.deepEqual(traces(node.options), []);
  });

  const container = (line: string, config: Record<string, Json> = { network_mode: "none" }): TaskInput => ({
    Name: "main",
    Driver: "docker",
    KillTimeout: second / 5,
    Config: { image: IMAGE, command: "/bin/sh", args: ["-c", line], ...config },
  });

  const start = (...[group]: Parameters<typeof allocate>) => {
    const allocation = allocate({ RestartPolicy: never, ...group });
    node.link.add(allocation);
    return allocation.ID;
  };

  it("give their output and exit code, and find their folders", async () => {
    const line = "echo own >$NOMAD_TASK_DIR/y; cat /local/y; echo err >&2; printf unended; exit 3";
    const id = start({ Type: "batch", Tasks: [container(line)] });
    await node.ended(id);
    assert.equal(await node.logs(id), "own\nunended");
    assert.equal(await node.logs(id, "stderr"), "err\n");
    const last = node.state(id)?.Events.find(({ Type }) => Type === "Terminated");
    assert.equal(last?.Details["exit_code"], "3");
  });

  it("share the network of their allocation with tasks of other drivers", async () => {
    const server = `import socket; s=socket.create_server(("127.0.0.1",9000))
while True: s.accept()[0].sendall(b"hi\\n")`;
    const id = start({
      Type: "batch",
      Networks: bridged({ Label: "http", To: 9000 }),
      Tasks: [
        {
          ...shell(`exec python3 -c '${server}'`),
          Name: "server",
          Lifecycle: { Hook: "prestart", Sidecar: true },
        },
        container(
          "until nc 127.0.0.1 9000 </dev/null; do sleep 0.1; done; cat /etc/hosts /etc/resolv.conf",
          {},
        ),
      ],
    });
    await node.ended(id);
    const output = await node.logs(id);
    assert.match(output, /^hi$/m);
    assert.match(output, /^nameserver /m);
    assert.match(output, new RegExp(`^${node.link.updates.get(id)?.NetworkStatus?.Address} `, "m"));
  });

  it("come from an archive in their folder", async () => {
    const archive = join(daemon.folder, "image.tar");
    await daemon.importImage("yurt-loaded:1");
    const save = `curl -s --unix-socket "$0" http://docker/images/yurt-loaded:1/get >"$1"`;
    execFileSync("sh", ["-c", save, daemon.socketPath, archive]);
    await daemon.engine.call("/images/yurt-loaded:1", { method: "DELETE" });
    const fetch = { ...shell(`cp ${archive} "$NOMAD_ALLOC_DIR/image.tar"`), Name: "fetch" };
    const loaded = { image: "yurt-loaded:1", load: "../alloc/image.tar", network_mode: "none" };
    const id = start({
      Type: "batch",
      Tasks: [{ ...fetch, Lifecycle: { Hook: "prestart" } }, container("echo loaded", loaded)],
    });
    await node.ended(id);
    assert.equal(await node.logs(id), "loaded\n");
  });

  it("have commands run in them, tell what they use, and end by the signal of their job", async () => {
    const line = "trap 'echo asked; exit 0' TERM; echo up; while :; do sleep 0.05; done";
    const id = start({ Tasks: [{ ...container(line), KillSignal: "SIGTERM", KillTimeout: 20 * second }] });
    await node.hasPrinted(id, "up");
    const command = ["/bin/sh", "-c", "cat; echo e >&2; exit 4"];
    const session = await node.agent.access.exec(id, "main", { command, tty: false });
    session.stdin.end("input\n");
    const outputs = [session.stdout, session.stderr].map((stream) => Array.fromAsync(stream));
    assert.deepEqual((await Promise.all(outputs)).map(String), ["input\n", "e\n"]);
    assert.equal(await session.exitCode, 4);
    const { main } = await node.agent.access.stats(id);
    assert.ok((main?.pids.length ?? 0) >= 1 && (main?.memory ?? 0) > 0);
    node.link.stop(id);
    await node.ended(id);
    assert.equal(await node.logs(id), "up\nasked\n");
  });

  it("go on under the next agent, which has all their output once and tells how they end", async () => {
    const count = "i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo line $i; sleep 0.01; done; exit 7";
    const id = start({ Type: "batch", Networks: bridged(), Tasks: [container(count, {})] });
    for (const line of ["line 50\n", "line 250\n"]) {
      await node.hasPrinted(id, line);
      await node.restart();
    }
    await node.ended(id);
    const lines = Array.from({ length: 400 }, (_, index) => `line ${index + 1}\n`).join("");
    assert.equal(await node.logs(id), lines);
    const last = node.state(id)?.Events.find(({ Type }) => Type === "Terminated");
    assert.equal(last?.Details["exit_code"], "7");
  });
});
