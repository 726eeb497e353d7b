import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

const ROOT = join(import.meta.dirname, "../..");
const CASES = join(ROOT, "test/mesh");

/** Rows of docs/mesh.md as "file: what is seen": each section of the table names its file. */
function rows(): string[] {
  const sections = readFileSync(join(ROOT, "docs/mesh.md"), "utf8").split(/^### /m).slice(1);
  return sections.flatMap((section) => {
    const file = /\(`([\w-]+\.test\.ts)`\)/.exec(section)?.[1];
    if (file === undefined) return [];
    const lines = section.split("\n").filter((line) => line.startsWith("| "));
    return lines
      .slice(2)
      .map((line) => `${file}: ${line.split(" | ").slice(1).join(" | ").replace(/ \|$/, "")}`);
  });
}

/** Cases of test/mesh as "file: title". Those of golden files show a configuration, not a behaviour. */
function cases(): string[] {
  const files = readdirSync(CASES).filter(
    (name) => name.endsWith(".test.ts") && name !== "whole-proxies.test.ts",
  );
  return files.flatMap((file) => {
    const text = readFileSync(join(CASES, file), "utf8");
    return [...text.matchAll(/\bit\(\s*"((?:[^"\\]|\\.)*)"/g)].map(([, title]) => `${file}: ${title}`);
  });
}

describe("the table of what the mesh does, in docs/mesh.md", () => {
  it("has a case for each row, and a row for each case of a file that it names", () => {
    const shown = rows();
    const files = new Set(shown.map((row) => row.split(": ")[0]));
    const played = cases().filter((one) => files.has(one.split(": ")[0]));
    assert.deepEqual(shown.sort(), played.sort());
  });

  it("has at least 120 rows", () => {
    assert.ok(rows().length >= 120, `only ${rows().length}`);
  });
});
