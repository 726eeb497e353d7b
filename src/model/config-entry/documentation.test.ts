import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { configEntriesPage } from "../../../scripts/config-entries.ts";

it("the documentation of config entries is as their schemas say", () => {
  for (const [path, content] of Object.entries(configEntriesPage())) {
    const found = readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
    assert.equal(found, content, `${path} is not up to date: run node scripts/config-entries.ts`);
  }
});

it("each object has a heading of its own", () => {
  const [page = ""] = Object.values(configEntriesPage());
  const headings = page.match(/^## .*$/gm)?.map((heading) => heading.toLowerCase()) ?? [];
  assert.deepEqual(
    headings.filter((heading, i) => headings.indexOf(heading) < i),
    [],
  );
});
