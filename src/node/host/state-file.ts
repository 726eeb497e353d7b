import { readFileSync, renameSync, writeFileSync } from "node:fs";

/**
 * Small files in which the node keeps what it must know after a restart. They are written beside their place
 * and moved there, so that a reader finds the old text or the new one, never a part.
 */
export function writeState(path: string, value: unknown): void {
  const draft = `${path}.new`;
  writeFileSync(draft, JSON.stringify(value), { mode: 0o600 });
  renameSync(draft, path);
}

/** Null when there is no such file. The node trusts what it wrote itself: `Value` is not checked. */
export function readState<Value>(path: string): Value | null {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Value;
  } catch (error) {
    if (isMissing(error)) return null;
    throw new Error(`${path} cannot be read: ${(error as Error).message}`);
  }
}

export function isMissing(error: unknown): boolean {
  return errorCode(error) === "ENOENT";
}

/** The system's name of an error, such as `EACCES`; empty for any other error. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
