import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandError, command } from "./command.ts";

test("a program gets its words and its input as they are", async () => {
  const word = "a 'quoted'\n\"word\" $HOME ü";
  assert.equal(await command("printf", ["%s", word]), word);
  const input = "line\n".repeat(100_000);
  assert.equal(await command("cat", [], { input }), input);
});

test("a program has the agent's variables and those that are given", async () => {
  const text = await command("env", [], { environment: { ANSWER: "42\n43" } });
  assert.match(text, /^ANSWER=42\n43$/m);
  assert.ok(text.includes(`PATH=${process.env["PATH"]}\n`));
});

test("a program's failure is told with what it said", async () => {
  const fails = (script: string, told: string, options = {}) =>
    assert.rejects(command("sh", ["-c", script], options), new CommandError(told));
  await fails("echo first >&2; exit 3", '"sh -c echo first >&2; exit 3" failed with exit code 3: first');
  await fails("kill -TERM $$", '"sh -c kill -TERM $$" was ended by SIGTERM');
  await fails("sleep 60", '"sh -c sleep 60" did not end in time and was killed', { timeout: 50 });
});

test("a program that is not there is named with the package that brings it", async () => {
  await assert.rejects(
    command("no-such-program", []),
    /^CommandError: the program no-such-program is not installed$/,
  );
});

test("programs that end before they have read everything fail nothing", async () => {
  assert.equal(await command("true", [], { input: "x".repeat(1_000_000) }), "");
});

test("many programs at a time each give their own answer", async () => {
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => command("echo", [String(i)])));
  assert.deepEqual(
    answers,
    Array.from({ length: 100 }, (_, i) => `${i}\n`),
  );
});
