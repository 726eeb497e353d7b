import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openStory } from "./support/story.ts";

describe("a job through updates, a canary, a revert and a drain", () => {
  it("fails no request, and runs each task at its time", async () => {
    await using story = await openStory();
    await story.begin();
    await story.play();
    const calls = story.calls();
    await story.end();
    process.stderr.write(JSON.stringify([calls.length, calls.slice(-5)])+"\n");
    const notes = Map.groupBy(story.notes(), ([allocation]) => allocation);
    for (const [allocation, lines] of notes) process.stderr.write(allocation+" "+ lines.map(([, a, b, c]) => `${a} ${b} ${c}`).join(", ")+"\n");
    assert.deepEqual(
      calls.filter((line) => line.startsWith("failed")),
      [],
    );
  });
});
