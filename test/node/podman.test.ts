import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { second } from "#model/schema/duration.ts";
import { podman, withoutPodman } from "../support/podman-service.ts";
import {
  container,
  counted,
  counting,
  type DockerNode,
  greeter,
  inBridge,
  loading,
  runInside,
  startDockerNode,
} from "./docker-node.ts";
import { bridged, never, type TestGroup, type TestNode } from "./test-node.ts";

describe("tasks of docker on Podman's service", { skip: withoutPodman }, () => {
  let own: DockerNode;
  let node: TestNode;
  before(async () => {
    own = await startDockerNode(podman);
    ({ node } = own);
  });
  after(() => own?.stop());

  const start = (group: TestGroup) => node.place({ RestartPolicy: never, ...group });

  it("give their output and exit code, and find their folders", async () => {
    const line = "echo own >$NOMAD_TASK_DIR/y; cat /local/y; echo err >&2; printf unended; exit 3";
    const id = start({ Type: "batch", Tasks: [container(line)] });
    await node.ended(id);
    assert.equal(await node.logs(id), "own\nunended");
    assert.equal(await node.logs(id, "stderr"), "err\n");
    assert.equal(node.exitCode(id), "3");
  });

  it("share the network of their allocation with tasks of other drivers", async () => {
    const line = "until nc 127.0.0.1 9000 </dev/null; do sleep 0.1; done; cat /etc/hosts /etc/resolv.conf";
    const id = start({
      Type: "batch",
      Networks: bridged({ Label: "http", To: 9000 }),
      Tasks: [greeter(), inBridge(line)],
    });
    await node.ended(id);
    const output = await node.logs(id);
    assert.match(output, /^hi$/m);
    assert.match(output, /^nameserver /m);
    assert.match(output, new RegExp(`^${node.link.updates.get(id)?.NetworkStatus?.Address} `, "m"));
  });

  it("come from an archive in their folder", async () => {
    const id = start({ Type: "batch", Tasks: await loading(own.daemon, "echo loaded") });
    await node.ended(id);
    assert.equal(await node.logs(id), "loaded\n");
  });

  it("have commands run in them, tell what they use, and end by the signal of their job", async () => {
    const line = "trap 'echo asked; exit 0' TERM; echo up; while :; do sleep 0.05; done";
    const id = start({ Tasks: [{ ...container(line), KillSignal: "SIGTERM", KillTimeout: 20 * second }] });
    await node.hasPrinted(id, "up");
    const said = await runInside(node, id, ["/bin/sh", "-c", "cat; echo e >&2; exit 4"]);
    assert.deepEqual(said, { out: "input\n", err: "e\n", code: 4 });
    const { main } = await node.agent.access.stats(id);
    assert.ok((main?.pids.length ?? 0) >= 1 && (main?.memory ?? 0) > 0);
    node.link.stop(id);
    await node.ended(id);
    assert.equal(await node.logs(id), "up\nasked\n");
  });

  it("go on under the next agent, which has all their output once and tells how they end", async () => {
    const id = start({ Type: "batch", Networks: bridged(), Tasks: [inBridge(counting(0.01))] });
    for (const line of ["line 50\n", "line 250\n"]) {
      await node.hasPrinted(id, line);
      await node.restart();
    }
    await node.ended(id);
    assert.equal(await node.logs(id), counted);
    assert.equal(node.exitCode(id), "7");
  });
});
