import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { tracesOf } from "../support/machine.ts";
import { Random } from "../support/random.ts";
import { taskProcesses } from "../support/task-processes.ts";
import { until } from "../support/wait.ts";
import { openStory, type Story } from "./support/story.ts";

const ENOUGH = 500;
const KILLS = 20;
/** Milliseconds from the start of one agent until the next one is killed. */
const LONGEST_PAUSE = 700;

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
    await assertOutcome(story);
    await story.end();
    const lives = Map.groupBy(story.notes(), ([allocation = ""]) => allocation);
    const all = await story.allocations("promises");
    assert.deepEqual([...lives.keys()].sort(), all.map(({ ID }) => ID).sort());
    for (const notes of lives.values()) {
      assert.deepEqual(phasesOf(notes.map(([, task, what]) => `${task} ${what}`)), LIFE);
    }
    await assertNothingLeft(story);
  });

  it(`ends in the same state when its agents are killed ${KILLS} times: no task lost, doubled or left over`, async (test) => {
    const seed = Number(process.env["SEED"] ?? randomInt(2 ** 31));
    test.diagnostic(`SEED=${seed} plays the same kills`);
    await using story = await openStory();
    await story.begin();
    await Promise.all([story.play(), killAgents(story, new Random(seed))]);
    await assertOutcome(story);
    await story.end();
    await assertNothingLeft(story);
  });
});

async function killAgents({ agents }: Story, random: Random): Promise<void> {
  for (let kills = 0; kills < KILLS; kills++) {
    await pause(random.below(LONGEST_PAUSE));
    const agent = random.pick(Object.values(agents));
    await agent.kill();
    await agent.start();
  }
}

/** However the story went, it ends like this. */
async function assertOutcome(story: Story): Promise<void> {
  const deployments = (await story.deployments()).toSorted((a, b) => a.JobVersion - b.JobVersion);
  assert.deepEqual(
    deployments.map(({ Status }) => Status),
    ["successful", "successful", "failed", "successful", "successful"],
  );
  const all = [...(await story.allocations("promises")), ...(await story.allocations("caller"))];
  const live = all.filter(({ ClientStatus }) => ClientStatus === "running");
  const restarts = live.flatMap(({ TaskStates }) =>
    Object.values(TaskStates).map(({ Restarts }) => Restarts),
  );
  assert.deepEqual(new Set(restarts), new Set([0]));
  const wanted = live.flatMap(({ ID, JobID }) => (LASTING[JobID] ?? []).map((task) => `${ID} ${task} 1`));
  const found = taskProcesses()
    .entries()
    .map(([task, count]) => `${task} ${count}`)
    .filter((line) => live.some(({ ID }) => line.startsWith(ID)));
  assert.deepEqual([...found].sort(), wanted.sort());
}

/** The tasks that run as long as their allocation. */
const LASTING: Readonly<Record<string, readonly string[]>> = {
  promises: ["app", "mate", "watch", "connect-proxy-shop", "connect-proxy-till"],
  caller: ["call", "connect-proxy-caller"],
};

async function assertNothingLeft(story: Story): Promise<void> {
  const all = [...(await story.allocations("promises")), ...(await story.allocations("caller"))];
  const ids = new Set<string>(all.map(({ ID }) => ID));
  await until("nothing is left of them", () => {
    const tasks = [...taskProcesses().keys()].filter((task) => ids.has(task.slice(0, task.indexOf(" "))));
    assert.deepEqual([...tracesOf([...ids]), ...tasks], []);
    return true;
  });
}

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
