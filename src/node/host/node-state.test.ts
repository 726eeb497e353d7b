import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { AllocationId } from "#model/id.ts";
import { silentLog } from "#model/log.ts";
import { NodeState } from "./node-state.ts";

describe("state of a node", () => {
  let folder: string;
  let state: NodeState;
  const [first, second] = ["first", "second"] as AllocationId[] as [AllocationId, AllocationId];
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "yurt-node-state-"));
    state = new NodeState(join(folder, "state", "node.db"), silentLog);
  });
  after(() => {
    state.close();
    rmSync(folder, { recursive: true });
  });
  /** What the next agent would find if this one were killed now. */
  const found = (allocation: AllocationId, name: string): unknown => {
    const copy = mkdtempSync(join(folder, "copy-"));
    cpSync(join(folder, "state"), copy, { recursive: true });
    const next = new NodeState(join(copy, "node.db"), silentLog);
    const value = next.of(allocation).read(name);
    next.close();
    return value;
  };

  it("reads at once what is kept, which outlives the agent when it says so", async () => {
    const records = state.of(first);
    for (const count of [1, 2, 3]) records.keep("task", { count });
    state.of(second).keep("task", { count: 9 });
    assert.deepEqual(records.read("task"), { count: 3 });
    await records.kept();
    assert.deepEqual(found(first, "task"), { count: 3 });
    assert.deepEqual(found(second, "task"), { count: 9 });
  });

  it("writes at once what must not be missed, whatever is waiting", async () => {
    const records = state.of(first);
    records.keep("network", "old");
    records.write("network", "new");
    assert.equal(found(first, "network"), "new");
    await records.kept();
    assert.equal(found(first, "network"), "new");
  });

  it("forgets a record, and all of an allocation", async () => {
    const records = state.of(first);
    records.remove("network");
    assert.equal(records.read("network"), null);
    await records.kept();
    assert.equal(found(first, "network"), null);
    records.keep("task", { count: 4 });
    records.clear();
    assert.deepEqual([found(first, "task"), found(second, "task")], [null, { count: 9 }]);
    assert.deepEqual(state.allocations(), [second]);
  });
});
