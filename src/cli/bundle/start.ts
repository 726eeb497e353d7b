import { enableCompileCache } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findCommand } from "../commands.ts";
import { FOLDER, isFresh, openBundle } from "./bundle.ts";

/** What `bin/yurt` runs, as one file of its own: a command's bundle, or its sources where they have changed since. */
const root = fileURLToPath(new URL("../../..", import.meta.url));
const words = process.argv.slice(2);
const command = findCommand(words);
// The traces that a user asks for name the sources.
const isBundled = command !== null && process.env["YURT_TRACE"] !== "1" && isFresh(root, command.file);
void (isBundled ? runBundle(command.file) : runSources());

async function runBundle(name: string): Promise<void> {
  process.exitCode = await openBundle(`${root}${FOLDER}`, name).run(words);
}

async function runSources(): Promise<void> {
  enableCompileCache(`${root}.setup/compile-cache`);
  const source = (path: string) => pathToFileURL(`${root}src/cli/${path}`).href;
  await import(source("imports.ts"));
  await import(source("main.ts"));
}
