import { globSync, readFileSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, normalize, relative, resolve, sep } from "node:path";
import type { FunctionDefinition } from "../evaluate/function.ts";
import { FunctionError } from "../evaluate/function.ts";
import { stringType } from "../values/type.ts";
import { boolValue, setValue, stringValue } from "../values/value.ts";
import { define } from "./define.ts";

/** What a job file may read of the machine on which it is read. */
export interface FileAccess {
  /** Where relative paths begin. */
  readonly directory: string;
  /** Nothing outside of these directories is read, whatever links lead there. */
  readonly roots: readonly string[];
}

const largestFile = 4 * 1024 * 1024;
const mostMatches = 10_000;

/** The functions that look at files; without access each says that it is disabled. */
export function fileFunctions(access: FileAccess | null): Record<string, FunctionDefinition> {
  return access === null ? disabled : enabled(access);
}

const disabled: Record<string, FunctionDefinition> = Object.fromEntries(
  ["abspath", "basename", "dirname", "file", "filebase64", "fileexists", "pathexpand"].map((name) => [
    name,
    define({ path: "text" }, refuse),
  ]),
);
disabled["fileset"] = define({ path: "text", pattern: "text" }, refuse);

function refuse(): never {
  throw new FunctionError(
    "filesystem function disabled: files can only be read where the job is submitted from a command line",
  );
}

function enabled(access: FileAccess): Record<string, FunctionDefinition> {
  return {
    abspath: define({ path: "text" }, ({ path }) => stringValue(resolve(access.directory, path))),
    basename: define({ path: "text" }, ({ path }) => stringValue(path === "" ? "." : basename(path) || "/")),
    dirname: define({ path: "text" }, ({ path }) =>
      stringValue(normalize(path.endsWith("/") ? path : dirname(path)).replace(/(?<=.)\/$/, "")),
    ),
    file: define({ path: "text" }, ({ path }) => stringValue(textOf(contentOf(access, path), path))),
    filebase64: define({ path: "text" }, ({ path }) =>
      stringValue(contentOf(access, path).toString("base64")),
    ),
    fileexists: define({ path: "text" }, ({ path }) => boolValue(exists(access, path))),
    fileset: define({ path: "text", pattern: "text" }, ({ path, pattern }) => fileSet(access, path, pattern)),
    pathexpand: define({ path: "text" }, ({ path }) => stringValue(expanded(path))),
  };
}

function expanded(path: string): string {
  if (path === "~" || path.startsWith("~/")) return join(homedir(), path.slice(1));
  if (path.startsWith("~")) throw new FunctionError("cannot expand user-specific home directory", 0);
  return path;
}

function located(access: FileAccess, path: string): string {
  if (path.includes("\0")) throw new FunctionError("a path cannot contain a null character", 0);
  return resolve(access.directory, expanded(path));
}

/** The real path of something that is there and inside the roots; null when it is not there. */
function allowed({ roots }: FileAccess, path: string): string | null {
  const real = realPathOf(path);
  const isInside = roots.some((root) => isWithin(realPathOf(root) ?? root, real ?? path));
  if (!isInside)
    throw new FunctionError(
      `${path} lies outside of the directories that may be read (${roots.join(", ")})`,
      0,
    );
  return real;
}

function realPathOf(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === "" || !(way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way));
}

function contentOf(access: FileAccess, path: string): Buffer {
  const found = allowed(access, located(access, path));
  if (found === null) throw new FunctionError(`no file exists at ${located(access, path)}`, 0);
  const stats = statSync(found);
  if (!stats.isFile()) throw new FunctionError(`${found} is not a regular file`, 0);
  if (stats.size > largestFile)
    throw new FunctionError(`${found} has ${stats.size} bytes; at most ${largestFile} are read`, 0);
  try {
    return readFileSync(found);
  } catch {
    throw new FunctionError(`failed to read ${found}`, 0);
  }
}

function textOf(content: Buffer, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    throw new FunctionError(
      `contents of ${path} are not valid UTF-8; use the filebase64 function to obtain the Base64 encoded contents`,
      0,
    );
  }
}

function exists(access: FileAccess, path: string): boolean {
  const found = allowed(access, located(access, path));
  if (found === null) return false;
  if (!statSync(found).isFile()) throw new FunctionError(`${found} is not a regular file`, 0);
  return true;
}

function fileSet(access: FileAccess, path: string, pattern: string) {
  const directory = allowed(access, located(access, path));
  if (directory === null) return setValue(stringType, []);
  const matches = globSync(pattern, { cwd: directory });
  if (matches.length > mostMatches) throw new FunctionError(`more than ${mostMatches} files match`, 1);
  const files = matches.filter((match) => {
    const found = allowed(access, resolve(directory, match));
    return found !== null && statSync(found).isFile();
  });
  return setValue(
    stringType,
    files.map((match) => stringValue(match.split(sep).join("/"))),
  );
}
