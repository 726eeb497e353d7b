import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SpareTime } from "./spare-time.ts";

/** Keeps the thread busy for so many turns of the event loop, or until it is stopped, and counts them. */
function keepBusy(most = Number.POSITIVE_INFINITY) {
  const busy = { turns: 0, isStopped: false };
  const next = () => {
    const until = performance.now() + 1;
    while (performance.now() < until);
    busy.turns += 1;
    if (busy.turns < most && !busy.isStopped) setImmediate(next);
  };
  setImmediate(next);
  return busy;
}

describe("spare time", () => {
  it("comes at once after a rest and for a while, and then when all else is done", async () => {
    let now = 1000;
    const spare = new SpareTime(() => now);
    const others = keepBusy(20);
    await spare.turn();
    now += 5;
    await spare.turn();
    assert.equal(others.turns, 0);
    now += 10;
    await spare.turn();
    assert.equal(others.turns, 20);
  });

  it("comes in the end where the thread is never at rest", async () => {
    let now = 1000;
    const spare = new SpareTime(() => now);
    await spare.turn();
    now += 15;
    const others = keepBusy();
    const turn = spare.turn();
    await new Promise((resolve) => setImmediate(resolve));
    now += 1000;
    await turn;
    others.isStopped = true;
    assert.ok(others.turns > 0);
  });
});
