import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { SqliteStore } from "#store/sqlite.ts";
import { State } from "./state.ts";
import { keyOf, table } from "./table.ts";

interface Fruit {
  readonly name: string;
  readonly colours: readonly string[];
}
const fruits = table("fruits", { colour: (fruit: Fruit) => fruit.colours });
const counters = table<{ value: number }>("counters");

describe("state", () => {
  let folder: string;
  let state: State;
  const open = () =>
    State.open(new SqliteStore(join(folder, "state.db"), { durable: false }), [fruits, counters]);
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "yurt-state-"));
    state = await open();
  });
  afterEach(async () => {
    await state.close();
    rmSync(folder, { recursive: true });
  });

  it("shows a write as soon as its transaction returns, with both indexes", async () => {
    const first = await state.transact((tx) => tx.put(fruits, "1", { name: "apple", colours: ["red"] }));
    const second = await state.transact((tx) => tx.put(fruits, "1", { name: "apple", colours: ["green"] }));
    assert.deepEqual(state.get(fruits, "1"), {
      name: "apple",
      colours: ["green"],
      CreateIndex: first.index,
      ModifyIndex: second.index,
    });
    assert.equal(state.index(fruits), second.index);
    assert.equal(state.index(counters), 0);
  });

  it("finds rows by a lookup, and no longer when the row has changed", async () => {
    await state.transact((tx) => {
      tx.put(fruits, "1", { name: "apple", colours: ["red", "green"] });
      tx.put(fruits, "2", { name: "cherry", colours: ["red"] });
    });
    const names = (colour: string) => state.find(fruits, "colour", colour).map((fruit) => fruit.name);
    assert.deepEqual([names("red"), names("green")], [["apple", "cherry"], ["apple"]]);
    await state.transact((tx) => tx.put(fruits, "1", { name: "apple", colours: ["yellow"] }));
    await state.transact((tx) => tx.delete(fruits, "2"));
    assert.deepEqual([names("red"), names("green"), names("yellow")], [[], [], ["apple"]]);
    assert.deepEqual(state.terms(fruits, "colour"), ["yellow"]);
  });

  it("runs a transaction again when another one changed what it read", async () => {
    await state.transact((tx) => tx.put(counters, "n", { value: 0 }));
    const add = () =>
      state.transact((tx) => tx.put(counters, "n", { value: (tx.get(counters, "n")?.value ?? 0) + 1 }));
    await Promise.all(Array.from({ length: 20 }, add));
    assert.equal(state.get(counters, "n")?.value, 20);
  });

  it("wakes who waits for a table, and only for that table", async () => {
    const start = state.revision;
    const stop = new AbortController();
    let woken = false;
    const waiting = state.changed([fruits], start, stop.signal).then(() => {
      woken = true;
    });
    await state.transact((tx) => tx.put(counters, "n", { value: 1 }));
    assert.equal(woken, false);
    await state.transact((tx) => tx.put(fruits, "1", { name: "apple", colours: [] }));
    await waiting;
    assert.equal(woken, true);
  });

  it("reads everything back when it is opened again", async () => {
    await state.transact((tx) => tx.put(fruits, keyOf("a/b", "c%d"), { name: "apple", colours: ["red"] }));
    const index = state.index(fruits);
    await state.close();
    state = await open();
    assert.equal(state.get(fruits, keyOf("a/b", "c%d"))?.name, "apple");
    assert.equal(state.index(fruits), index);
    assert.equal(state.find(fruits, "colour", "red").length, 1);
  });

  it("tells observers what a commit changed, before and after", async () => {
    await state.transact((tx) => tx.put(counters, "n", { value: 1 }));
    const seen: unknown[] = [];
    const stop = state.observe(({ changes }) => seen.push(changes.get("counters")));
    await state.transact((tx) => tx.put(counters, "n", { value: 2 }));
    await state.transact((tx) => tx.delete(counters, "n"));
    stop();
    await state.transact((tx) => tx.put(counters, "n", { value: 3 }));
    assert.deepEqual(
      seen.map((changes) =>
        (changes as { before: { value: number }; after: { value: number } | null }[]).map((c) => [
          c.before.value,
          c.after?.value ?? null,
        ]),
      ),
      [[[1, 2]], [[2, null]]],
    );
  });
});
