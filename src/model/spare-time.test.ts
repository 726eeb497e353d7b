import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SpareTime } from "./spare-time.ts";

/** Keeps the thread busy for so many turns of the event loop, and says how many there were. */
function busyFor(turns: number) {
  const busy = { turns: 0 };
  const next = () => {
    const until = performance.now() + 1;
    while (performance.now() < until);
    busy.turns += 1;
    if (busy.turns < turns) setImmediate(next);
  };
  setImmediate(next);
  return busy;
}

function workForALongTime(): void {
  const until = performance.now() + 15;
  while (performance.now() < until);
}

describe("spare time", () => {
  it("begins at once after a rest, and gives way to all else when it has worked for a while", async () => {
    const spare = new SpareTime();
    const others = busyFor(20);
    await spare.turn();
    assert.equal(others.turns, 0);
    workForALongTime();
    await spare.turn();
    assert.equal(others.turns, 20);
  });

  it("comes also where the thread is never at rest", async () => {
    const spare = new SpareTime();
    await spare.turn();
    workForALongTime();
    const others = busyFor(Number.POSITIVE_INFINITY);
    await spare.turn();
    assert.ok(others.turns > 0);
    others.turns = Number.POSITIVE_INFINITY;
  });
});
