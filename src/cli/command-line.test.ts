import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CommandError, command } from "./command.ts";
import { parseLine } from "./command-line.ts";
import { commandHelp, overview } from "./help.ts";

const sample = command({
  usage: "<path>",
  help: "A sample.",
  flags: {
    detach: { kind: "boolean", doc: "Go on at once." },
    address: { kind: "text", value: "url", environment: "YURT_TEST_ADDRESS", default: "here", doc: "Where." },
    index: { kind: "integer", value: "n", doc: "Which." },
    wait: { kind: "duration", value: "duration", default: 5000, doc: "How long." },
    var: { kind: "texts", value: "name=value", doc: "Several." },
  },
  arity: [0, 2],
  run: async () => 0,
});

const read = (...words: string[]) => parseLine("sample", sample, words);
const refused = (message: RegExp, ...words: string[]) =>
  assert.throws(
    () => read(...words),
    (error: unknown) => error instanceof CommandError && message.test(error.message),
  );

describe("command line", () => {
  it("takes flags with one dash or two, with = or a space, before and after arguments", () => {
    for (const words of [
      ["-detach", "-address=there", "-index", "7", "file"],
      ["file", "--detach", "--address", "there", "--index=7"],
      ["-detach=true", "file", "-address", "there", "-index=7"],
    ]) {
      const { flags, arguments: rest } = read(...words);
      assert.deepEqual(
        [flags["detach"], flags["address"], flags["index"], rest],
        [true, "there", 7, ["file"]],
      );
    }
  });

  it("takes what is not given from the environment, then from the default", () => {
    process.env["YURT_TEST_ADDRESS"] = "from the environment";
    assert.equal(read().flags["address"], "from the environment");
    assert.equal(read("-address", "given").flags["address"], "given");
    delete process.env["YURT_TEST_ADDRESS"];
    assert.deepEqual(read().flags, { detach: false, address: "here", index: undefined, wait: 5000, var: [] });
  });

  it("collects a flag that may be given several times", () => {
    assert.deepEqual(read("-var", "a=1", "-var=b=2").flags["var"], ["a=1", "b=2"]);
  });

  it("leaves everything after -- alone, and - stands for standard input", () => {
    assert.deepEqual(read("-", "--", "-detach").arguments, ["-", "-detach"]);
  });

  it("says what is wrong with a flag, and what would be right", () => {
    refused(/unknown flag -detahc/, "-detahc");
    refused(/-index needs a value: -index=n/, "-index");
    refused(/whole number, not "x"/, "-index=x");
    refused(/duration such as 30s.*not "5"/, "-wait=5");
    refused(/true or false, not "maybe"/, "-detach=maybe");
    refused(/0 to 2 arguments, not 3\. Usage: yurt sample <path>/, "a", "b", "c");
  });

  it("passes the flags of a program that it starts on to it", () => {
    const passing = { ...sample, passesFlagsOn: true as const, arity: [1, 9] as const };
    const { flags, arguments: rest } = parseLine("sample", passing, [
      "-detach",
      "alloc",
      "ls",
      "-l",
      "--all",
    ]);
    assert.deepEqual([flags["detach"], rest], [true, ["alloc", "ls", "-l", "--all"]]);
  });

  it("describes a command from the same table", () => {
    const text = commandHelp("sample", sample).join("\n");
    assert.match(text, /Usage: yurt sample \[options\] <path>/);
    assert.match(
      text,
      /-address=<url>\n +Where\. Taken from YURT_TEST_ADDRESS when not given\. Default here\./,
    );
    assert.match(overview("intention").join("\n"), /intention create +Allow or deny/);
  });
});
