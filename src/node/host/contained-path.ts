import { realpathSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { isMissing } from "./state-file.ts";

/** A path that leads out of the folder that it must stay in. */
export class EscapeError extends Error {
  override readonly name = "EscapeError";
  /** Of an answer over HTTP. */
  readonly statusCode = 400;
}

/**
 * Where `path`, taken as below `root` even when it starts with a slash, really is. What does not exist yet is
 * allowed at its end. Throws an {@link EscapeError} when `..` or a symbolic link on the way leads out.
 */
export function containedPath(root: string, path: string): string {
  const folder = realpathSync(root);
  const found = realOrFuture(resolve(folder, join(".", path)));
  const way = relative(folder, found);
  if (way === ".." || way.startsWith("../"))
    throw new EscapeError(`the path "${path}" leads out of its folder`);
  return found;
}

function realOrFuture(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
    return join(realOrFuture(dirname(path)), basename(path));
  }
}
