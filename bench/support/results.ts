import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where every benchmark leaves what it found; `docs/performance.md` is made of it. */
export const RESULTS = join(import.meta.dirname, "../results");

export interface Results {
  /** For people: tables in plain text. */
  readonly text: string;
  /** For programs. */
  readonly data: unknown;
  /** An SVG picture. */
  readonly picture?: string;
}

/** Prints what a benchmark found, and keeps it as `<name>.txt`, `<name>.json` and `<name>.svg`. */
export function writeResults(name: string, { text, data, picture }: Results): void {
  console.log(text);
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, `${name}.txt`), `${text}\n`);
  writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify(data, null, 1)}\n`);
  if (picture !== undefined) writeFileSync(join(RESULTS, `${name}.svg`), picture);
}
