import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findEnvoy } from "#model/envoy-binary.ts";
import { CommandError } from "./command.ts";

/**
 * Becomes an Envoy. The configuration may hold a token, so it goes through a named pipe that only this user
 * can read and that is gone once Envoy has read it.
 */
export function execEnvoy(
  named: string | undefined,
  config: string,
  envoyArguments: readonly string[],
): never {
  const binary = findEnvoy(named);
  if (binary === null) {
    throw new CommandError(
      "there is no envoy on PATH and none from set-up. Run: make setup, or name one with -envoy-binary",
    );
  }
  const folder = mkdtempSync(join(tmpdir(), "yurt-envoy-"));
  const pipe = join(folder, "bootstrap.json");
  execFileSync("mkfifo", ["-m", "600", pipe]);
  const source = join(folder, "source.json");
  writeFileSync(source, config, { mode: 0o600 });
  const script = 'cat "$1" > "$2"; rm -r "$3"';
  spawn("sh", ["-c", script, "sh", source, pipe, folder], { stdio: "ignore", detached: true }).unref();
  const hotRestart = envoyArguments.includes("--restart-epoch") ? [] : ["--disable-hot-restart"];
  const words = [binary, "--config-path", pipe, ...hotRestart, ...envoyArguments];
  process.execve?.(binary, words, process.env);
  throw new CommandError(`${binary} could not be run`);
}
