import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";

/**
 * Compares with a file that people read. With UPDATE_GOLDEN=1 in the environment the file is written instead.
 */
export function matchGolden(path: string, actual: string): void {
  if (process.env["UPDATE_GOLDEN"] === "1") {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, actual);
    return;
  }
  const shown = relative(process.cwd(), path);
  const again = `UPDATE_GOLDEN=1 node --test ${relative(process.cwd(), process.argv[1] ?? "")}`;
  assert.ok(existsSync(path), `${shown} is missing; write it with: ${again}`);
  assert.equal(actual, readFileSync(path, "utf8"), `${shown} is different; if that is meant, run: ${again}`);
}
