import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AllocationId } from "#model/id.ts";
import { pause } from "#model/pulse.ts";
import { withoutDocker } from "../support/docker-daemon.ts";
import { Random } from "../support/random.ts";
import { inBridge, startDockerNode } from "./docker-node.ts";
import { bridged, never, shell, type TaskInput, TestNode, traces } from "./test-node.ts";

const random = new Random(7);
const moment = (most: number) => pause(random.below(most));

/** How often a task has begun, and how it has ended, as its events say. */
function story(node: TestNode, id: AllocationId) {
  const events = node.events(id).split("\n");
  return [
    events.filter((event) => event.startsWith("Started:")).length,
    ...events.filter((event) => event.startsWith("Terminated:")),
  ];
}

async function beginAndEnd(node: TestNode, count: number, taskOf: (line: string) => TaskInput) {
  const ids = Array.from({ length: count }, () =>
    node.place({
      Type: "batch",
      RestartPolicy: never,
      Networks: bridged(),
      Tasks: [taskOf(`echo up; sleep ${random.next() * 3}; exit 7`)],
    }),
  );
  for (let agents = 0; agents < 20; agents++) {
    await moment(200);
    await node.restart();
  }
  for (const id of ids) {
    await node.ended(id);
    assert.deepEqual(story(node, id), [1, "Terminated: Exit Code: 7"], node.events(id));
    assert.equal(await node.logs(id), "up\n");
  }
}

describe("tasks that begin and end while one agent follows another", () => {
  for (const Driver of ["raw_exec", "exec"])
    it(`run once with ${Driver}, and the last agent knows how they ended`, async () => {
      const node = await TestNode.start();
      await beginAndEnd(node, 15, (line) => shell(line, { Driver }));
      await node.stop();
      assert.deepEqual(traces(node.options), []);
    });

  it("run once with docker, and the last agent knows how they ended", { skip: withoutDocker }, async () => {
    const { node, stop } = await startDockerNode();
    await beginAndEnd(node, 10, inBridge);
    await stop();
  });
});
