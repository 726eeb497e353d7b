import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { generatedFiles } from "../../../scripts/job-specification.ts";

it("the documentation and the JSON Schema of the job are as their schema says", () => {
  for (const [path, content] of Object.entries(generatedFiles())) {
    const found = readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
    assert.equal(found, content, `${path} is not up to date: run node scripts/job-specification.ts`);
  }
});
