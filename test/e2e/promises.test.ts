import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openStory } from "./support/story.ts";

const ENOUGH = 500;

describe("a job through an update, a revert, a canary and a drain", () => {
  it("fails no request of a client that tries nothing twice, and runs every task at its time", async () => {
    await using story = await openStory();
    await story.begin();
    await story.play();
    const calls = story.calls();
    assert.deepEqual(
      calls.filter((line) => line.startsWith("failed")),
      [],
    );
    assert.ok(calls.length > ENOUGH, `${calls.length} requests were answered`);
    await story.end();
    const lives = Map.groupBy(story.notes(), ([allocation = ""]) => allocation);
    const all = await story.allocations("promises");
    assert.deepEqual([...lives.keys()].sort(), all.map(({ ID }) => ID).sort());
    for (const notes of lives.values()) {
      assert.deepEqual(phasesOf(notes.map(([, task, what]) => `${task} ${what}`)), LIFE);
    }
  });
});

/** What happens one after the other in an allocation's life; what is in one line, in any order. */
const LIFE = [
  ["prepare begins", "watch begins"],
  ["app begins", "greet begins", "mate begins"],
  ["app ends"],
  ["mate ends"],
  ["watch ends"],
  ["clean begins"],
];

function phasesOf(notes: readonly string[]): string[][] {
  let rest = [...notes];
  const phases = LIFE.map(({ length }) => {
    const phase = rest.slice(0, length).sort();
    rest = rest.slice(length);
    return phase;
  });
  return rest.length === 0 ? phases : [...phases, rest];
}
