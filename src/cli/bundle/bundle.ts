import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Script } from "node:vm";
import type { ExitCode } from "../command.ts";

/**
 * Each command in one file, made of the sources by set-up, with what V8 made of the functions that it runs. To find
 * and load some two hundred files, and to compile them, takes a command longer than all that it does. The sources stay
 * what counts: a bundle that one of them is newer than is not used.
 */
export interface Bundle {
  run(words: readonly string[]): Promise<ExitCode>;
  readonly script: Script;
}

/** Where bundles are, from the root of the checkout, and how their files end. */
export const FOLDER = ".setup/commands";
export const ENDINGS = { code: ".cjs", compiled: ".compiled", sources: ".json" } as const;
/** Starts all of them. */
export const LAUNCHER = "start";

/** The time of a file's last change, in milliseconds, and its size. */
export type Stamp = readonly [changed: number, size: number];

/** What a bundle was made of, by paths from the root of the checkout. */
export type Sources = Readonly<Record<string, Stamp>>;

/** Null for a file that is not there. */
export function stampOf(path: string): Stamp | null {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? null : [found.mtimeMs, found.size];
}

/** Whether a bundle is there, and made of the sources as they are now. */
export function isFresh(root: string, name: string): boolean {
  const text = read(join(root, FOLDER, name + ENDINGS.sources));
  if (text === null) return false;
  return Object.entries(JSON.parse(text.toString()) as Sources).every(([path, [changed, size]]) => {
    const now = stampOf(`${root}/${path}`);
    return now?.[0] === changed && now[1] === size;
  });
}

export function openBundle(folder: string, name: string): Bundle {
  const file = join(folder, name + ENDINGS.code);
  // It is written in ASCII, which is read faster so.
  const code = readFileSync(file, "latin1");
  const compiled = read(join(folder, name + ENDINGS.compiled));
  const script = new Script(`(function (module, require, __dirname) {${code}\n})`, {
    filename: file,
    ...(compiled === null ? {} : { cachedData: compiled }),
  });
  const module: { exports: unknown } = { exports: {} };
  const evaluate = script.runInThisContext() as (...parts: readonly unknown[]) => void;
  evaluate(module, loader(file), folder);
  return { ...(module.exports as Pick<Bundle, "run">), script };
}

/** Modules of Node.js are loaded when something of them is used: few commands need all that their sources import. */
function loader(file: string): (name: string) => unknown {
  const load = createRequire(file);
  return (name) =>
    name.startsWith("node:") ? new Proxy({}, { get: (_, key) => load(name)[key] }) : load(name);
}

function read(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}
