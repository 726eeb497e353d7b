import { execFileSync } from "node:child_process";
import { cpus, release, totalmem } from "node:os";

/** What the figures of a run were measured on. */
export function machine(envoy: string): Readonly<Record<string, string>> {
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    kernel: `Linux ${release()}`,
    node: process.version,
    envoy: /\/(\d+\.\d+\.\d+)/.exec(execFileSync(envoy, ["--version"], { encoding: "utf8" }))?.[1] ?? "",
  };
}
