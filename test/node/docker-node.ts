import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { AllocationId } from "#model/id.ts";
import { second } from "#model/schema/duration.ts";
import type { Json } from "#model/schema/schema.ts";
import { type DaemonProgram, DockerDaemon } from "../support/docker-daemon.ts";
import { dockerOptions, shell, type TaskInput, TestNode, traces } from "./test-node.ts";

const IMAGE = "yurt-test:1";

/** A node that runs containers in a daemon of its own, which has an image for them. */
export interface DockerNode {
  readonly daemon: DockerDaemon;
  readonly node: TestNode;
  /** Ends both; nothing of them may be left. */
  stop(): Promise<void>;
}

export async function startDockerNode(program?: DaemonProgram): Promise<DockerNode> {
  const daemon = await DockerDaemon.start(program);
  try {
    await daemon.importImage(IMAGE);
    const node = await TestNode.start({ docker: dockerOptions(daemon.socketPath) });
    return { daemon, node, stop: () => stop(daemon, node) };
  } catch (error) {
    await daemon[Symbol.asyncDispose]();
    throw error;
  }
}

async function stop(daemon: DockerDaemon, node: TestNode): Promise<void> {
  await node.stop();
  const left = await daemon.engine.call<unknown[]>("/containers/json", { query: { all: true } });
  await daemon[Symbol.asyncDispose]();
  assert.deepEqual(left, [], "no container is left");
  assert.deepEqual(traces(node.options), []);
}

/** A container that runs a line of shell, in a network of its own. */
export function container(
  line: string,
  config: Readonly<Record<string, Json>> = {},
  task: TaskInput = {},
): TaskInput {
  return inBridge(line, { ...task, Config: { network_mode: "none", ...config } });
}

/** The same in the network of its allocation. */
export function inBridge(line: string, { Config, ...task }: TaskInput = {}): TaskInput {
  return {
    Name: "main",
    Driver: "docker",
    KillTimeout: second / 5,
    ...task,
    Config: { image: IMAGE, command: "/bin/sh", args: ["-c", line], ...Config },
  };
}

/** Beside the main tasks: answers `hi` at port 9000 of the allocation's loopback. */
export function greeter(): TaskInput {
  const server = `import socket; s=socket.create_server(("127.0.0.1",9000))
while True: s.accept()[0].sendall(b"hi\\n")`;
  return {
    ...shell(`exec python3 -c '${server}'`),
    Name: "server",
    Lifecycle: { Hook: "prestart", Sidecar: true },
  };
}

/** Tasks of which the second runs in an image that is an archive alone, which the first brings. */
export async function loading(daemon: DockerDaemon, line: string): Promise<TaskInput[]> {
  const image = "yurt-loaded:1";
  const archive = join(daemon.folder, "image.tar");
  await daemon.importImage(image);
  const save = `curl -s --unix-socket "$0" http://docker/images/${image}/get >"$1"`;
  execFileSync("sh", ["-c", save, daemon.socketPath, archive]);
  await daemon.engine.call(`/images/${image}`, { method: "DELETE" });
  const fetch = { ...shell(`cp ${archive} "$NOMAD_ALLOC_DIR/image.tar"`), Name: "fetch" };
  return [
    { ...fetch, Lifecycle: { Hook: "prestart" } },
    container(line, { image, load: "../alloc/image.tar" }),
  ];
}

/** What a container says in which this runs goes on for some seconds; it ends with exit code 7. */
export const counting = (pause: number) =>
  `i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo line $i; sleep ${pause}; done; exit 7`;

export const counted = Array.from({ length: 400 }, (_, index) => `line ${index + 1}\n`).join("");

export interface Said {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** Runs a command in the main task, with a line of input. */
export async function runInside(
  node: TestNode,
  id: AllocationId,
  command: readonly string[],
  { tty = false } = {},
): Promise<Said> {
  const session = await node.agent.access.exec(id, "main", { command, tty });
  session.stdin.end("input\n");
  const [out = "", err = ""] = await Promise.all(
    [session.stdout, session.stderr].map(async (stream) =>
      Buffer.concat(await Array.fromAsync(stream)).toString(),
    ),
  );
  return { out, err, code: await session.exitCode };
}
