import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SigningTurns } from "./signing-turns.ts";

describe("turns to sign", () => {
  it("are taken at once without a limit", async () => {
    const turns = new SigningTurns(() => ({ perSecond: 0, concurrent: 0 }));
    let running = 0;
    const gate = Promise.withResolvers<void>();
    const all = Array.from({ length: 20 }, () =>
      turns.take(async () => {
        running++;
        await gate.promise;
      }),
    );
    await Promise.resolve();
    assert.equal(running, 20);
    gate.resolve();
    await Promise.all(all);
  });

  it("are so many at a time as the limit says, and each is taken in the end", async () => {
    const turns = new SigningTurns(() => ({ perSecond: 0, concurrent: 3 }));
    let [running, most, done] = [0, 0, 0];
    const sign = async () => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
      done++;
    };
    await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) =>
        turns.take(i === 5 ? () => sign().then(() => Promise.reject(new Error("no"))) : sign),
      ),
    );
    assert.deepEqual([most, done], [3, 20]);
  });

  it("are so many in a second as the limit says", async () => {
    const waits: number[] = [];
    const clock = { now: () => 1000, wait: async (time: number) => void waits.push(time) };
    const turns = new SigningTurns(() => ({ perSecond: 100, concurrent: 1 }), clock);
    await Promise.all(Array.from({ length: 5 }, () => turns.take(async () => {})));
    assert.deepEqual(waits, [10, 20, 30, 40]);
  });
});
