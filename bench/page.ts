/**
 * Puts what the benchmarks found last into docs/performance.md: each region between `<!-- NAME -->` and
 * `<!-- end -->` is written anew from bench/results/NAME.txt and NAME.svg. The words around them are by hand.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RESULTS } from "./support/results.ts";

const PAGE = join(import.meta.dirname, "../docs/performance.md");
const REGION = /<!-- (\w+) -->\n.*?<!-- end -->/gs;

const page = readFileSync(PAGE, "utf8");
writeFileSync(
  PAGE,
  page.replace(REGION, (before, name: string) => region(name) ?? before),
);

/** Null for a benchmark without results. */
function region(name: string): string | null {
  const text = join(RESULTS, `${name}.txt`);
  if (!existsSync(text)) return null;
  const picture = existsSync(join(RESULTS, `${name}.svg`))
    ? `\n![${name}](../bench/results/${name}.svg)\n`
    : "";
  return `<!-- ${name} -->\n${picture}\n\`\`\`text\n${readFileSync(text, "utf8").trim()}\n\`\`\`\n\n<!-- end -->`;
}
