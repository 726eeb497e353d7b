import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import type { AllocationId } from "#model/id.ts";
import { processorList, processorsOf } from "#node/host/processors.ts";
import { until } from "../support/wait.ts";
import { allocate, PROCESSORS, shell, type TaskInput, TestNode, withoutCores } from "./test-node.ts";

const [first = 0, ...others] = PROCESSORS;
let node: TestNode;
before(async () => {
  node = await TestNode.start();
});
after(() => node.stop());

const drivers = ["raw_exec", "exec"] as const;
const line = 'echo "begun with $NOMAD_CPU_CORES"; while :; do sleep 0.05; done';

/** The processors on which the kernel runs a process. */
const allowed = (pid: number) =>
  processorsOf(/^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "");

async function run(Driver: string, Resources: TaskInput["Resources"] = {}) {
  const allocation = allocate({ Tasks: [shell(line, { Driver, User: "root", Resources })] });
  node.link.add(allocation);
  await node.hasPrinted(allocation.ID, "begun");
  return allocation.ID;
}

async function processors(id: AllocationId): Promise<number[][]> {
  const { main } = await node.agent.access.stats(id);
  return (main?.pids ?? []).map(allowed);
}

const become = (id: AllocationId, cores: readonly number[]) =>
  until(`all of ${id} running on ${cores}`, async () => {
    const found = await processors(id);
    return found.length > 0 && found.every((each) => String(each) === String(cores));
  });

describe("cores of a task's own", { skip: withoutCores }, () => {
  for (const driver of drivers) {
    it(`are what ${driver} runs it on, and no other task is, while it runs`, async () => {
      const before = await Promise.all(drivers.map((name) => run(name)));
      const own = await run(driver, { Cores: 1 });
      assert.equal(await node.logs(own), `begun with ${first}\n`);
      await become(own, [first]);
      const later = await Promise.all(drivers.map((name) => run(name)));
      for (const id of [...before, ...later]) await become(id, others);
      await node.restart();
      node.link.stop(own);
      await node.ended(own);
      for (const id of [...before, ...later]) await become(id, PROCESSORS);
      node.link.stop(...before, ...later);
      for (const id of [...before, ...later]) await node.ended(id);
    });
  }
});

describe("a list of processors", () => {
  it("is written as the kernel does", () => {
    for (const [list, processors] of [
      ["", []],
      ["0", [0]],
      ["0-2,5,7-8", [0, 1, 2, 5, 7, 8]],
    ] as const) {
      assert.deepEqual(processorsOf(list), processors);
      assert.equal(processorList(processors), list);
    }
  });
});
