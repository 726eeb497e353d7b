import { realpath } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { isMissing } from "./state-file.ts";

/** A path that leads out of the folder that it must stay in. */
export class EscapeError extends Error {
  override readonly name = "EscapeError";
}

/**
 * Where `path`, taken as below `root` even when it starts with a slash, really is. What does not exist yet is
 * allowed at its end. Throws an {@link EscapeError} when `..` or a symbolic link on the way leads out.
 */
export async function containedPath(root: string, path: string): Promise<string> {
  const folder = await realpath(root);
  const found = await realOrFuture(resolve(folder, join(".", path)));
  const way = relative(folder, found);
  if (way === ".." || way.startsWith("../"))
    throw new EscapeError(`the path "${path}" leads out of its folder`);
  return found;
}

async function realOrFuture(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
    return join(await realOrFuture(dirname(path)), basename(path));
  }
}
