import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "./command.ts";

/** The files that are meant by paths: those named, and of folders those with HCL in them. In order, each once. */
export async function hclFiles(paths: readonly string[], recursive: boolean): Promise<string[]> {
  const found = await Promise.all(paths.map((path) => filesAt(path, recursive)));
  return [...new Set(found.flat())].sort();
}

async function filesAt(path: string, recursive: boolean): Promise<string[]> {
  const status = await stat(path).catch(() => null);
  if (status === null) throw new CommandError(`${path}: there is no such file or folder`);
  return status.isDirectory() ? filesIn(path, recursive) : [path];
}

async function filesIn(folder: string, recursive: boolean): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(entries.map((entry) => filesOf(entry, recursive)));
  return found.flat();
}

async function filesOf(entry: Dirent, recursive: boolean): Promise<string[]> {
  const path = join(entry.parentPath, entry.name);
  if (entry.isDirectory()) return recursive ? filesIn(path, recursive) : [];
  return entry.isFile() && /\.(nomad|hcl)$/.test(entry.name) ? [path] : [];
}
