import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readJsonText } from "./json-text.ts";

const lineAndColumn = (text: ReturnType<typeof readJsonText>, path: readonly (string | number)[]) => {
  assert.equal(text.kind, "read");
  const { start } = text.kind === "read" ? text.placeOf(path) : assert.fail();
  return [start.line, start.column];
};

describe("JSON with its places", () => {
  it("knows where a value stands, and else the deepest part of its path", () => {
    const text = readJsonText("x.json", '{\n  "Job": {"TaskGroups": [\n    {"Count": -1}\n  ]}\n}');
    assert.deepEqual(lineAndColumn(text, ["Job", "TaskGroups", 0, "Count"]), [3, 15]);
    assert.deepEqual(lineAndColumn(text, ["Job", "TaskGroups", 0, "Name"]), [3, 5]);
    assert.deepEqual(lineAndColumn(text, []), [1, 1]);
  });

  it("says where a text is no JSON", () => {
    const text = readJsonText("x.json", '{"ID": "x";}');
    assert.equal(text.kind === "broken" && text.problem.range?.start.column, 11);
  });

  it("reads what everybody reads", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = readJsonText("x.json", JSON.stringify(value));
        assert.deepEqual(text.kind === "read" && text.value, JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
