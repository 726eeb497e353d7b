import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { effect } from "@preact/signals-core";
import { State } from "#state/state.ts";
import { table } from "#state/table.ts";
import { SqliteStore } from "#store/sqlite.ts";
import { cells } from "./cells.ts";
import { TableCells } from "./table-cells.ts";

interface Instance {
  readonly service: string;
  readonly port: number;
}
const instances = table("instances", { service: (instance: Instance) => [instance.service] });

describe("cells over tables", () => {
  let folder: string;
  let state: State;
  let sources: TableCells;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "yurt-cells-"));
    state = await State.open(new SqliteStore(join(folder, "state.db"), { durable: false }), [instances]);
    sources = new TableCells(state, [instances]);
  });
  after(async () => {
    sources.close();
    await state.close();
    rmSync(folder, { recursive: true });
  });

  const put = (key: string, service: string, port: number) =>
    state.transact((tx) => tx.put(instances, key, { service, port }));

  it("computes anew only the cells that read what a commit changed", async () => {
    const computed: string[] = [];
    const ports = cells((service) => {
      computed.push(service);
      return sources.find(instances, "service", service).map((instance) => instance.port);
    });
    const seen: Record<string, number[]> = {};
    const stops = ["a", "b"].map((service) =>
      effect(() => {
        seen[service] = ports(service);
      }),
    );
    assert.deepEqual(computed, ["a", "b"]);
    await put("1", "a", 10);
    assert.deepEqual([computed.splice(0), seen], [["a", "b", "a"], { a: [10], b: [] }]);
    await put("1", "b", 11);
    assert.deepEqual([computed.sort(), seen], [["a", "b"], { a: [], b: [11] }]);
    for (const stop of stops) stop();
  });

  it("does not disturb readers of a cell whose new value is the same", async () => {
    await put("2", "c", 1);
    const count = cells((service) => sources.find(instances, "service", service).length);
    let runs = 0;
    const stop = effect(() => {
      count("c");
      runs += 1;
    });
    await put("2", "c", 2);
    assert.equal(runs, 1);
    await put("3", "c", 3);
    assert.equal(runs, 2);
    stop();
  });

  it("shares a cell between its readers and forgets it after the last", async () => {
    let computations = 0;
    const cell = cells((key) => {
      computations += 1;
      return key.length;
    });
    const stops = [effect(() => void cell("x")), effect(() => void cell("x"))];
    await turn();
    assert.equal(computations, 1);
    for (const stop of stops) stop();
    cell("x");
    assert.equal(computations, 2);
    await turn();
    cell("x");
    assert.equal(computations, 3, "a cell that no effect reads is not kept");
  });
});
