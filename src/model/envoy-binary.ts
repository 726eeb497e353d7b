import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const FROM_SETUP = fileURLToPath(new URL("../../.setup/envoy/envoy", import.meta.url));

/** The version that Yurt is made for: sidecars in containers run it. */
export const ENVOY_VERSION = "1.40.0";

/**
 * The Envoy to run: the named one, else the one on PATH, else the one that set-up brought; null for none.
 * Throws when the named one cannot be run.
 */
export function findEnvoy(named: string | undefined): string | null {
  if (named !== undefined && !isExecutable(named)) {
    throw new Error(`-envoy-binary: there is no program at ${named} that can be run`);
  }
  if (named !== undefined) return named;
  const onPath = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "envoy"));
  return [...onPath, FROM_SETUP].find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
