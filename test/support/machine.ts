import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** What an agent could leave behind on a machine, as sorted lines that can be compared. */
export interface MachineState {
  readonly namespaces: readonly string[];
  readonly links: readonly string[];
  readonly tables: readonly string[];
  readonly mounts: readonly string[];
  readonly processes: readonly string[];
}

/** `about`: only processes whose command line holds this text; others come and go by themselves. */
export function machineState(about: string): MachineState {
  return {
    namespaces: lines("ip", ["netns", "list"]).map((line) => line.split(" ")[0] ?? ""),
    links: lines("ip", ["-o", "link"]).map((line) => (line.split(": ")[1] ?? "").split("@")[0] ?? ""),
    tables: lines("nft", ["list", "tables"]),
    mounts: readFileSync("/proc/mounts", "utf8")
      .split("\n")
      .map((line) => line.split(" ")[1] ?? "")
      .sort(),
    processes: lines("ps", ["-eo", "args"]).filter((line) => line.includes(about)),
  };
}

function lines(program: string, words: readonly string[]): string[] {
  return execFileSync(program, words, { encoding: "utf8" })
    .split("\n")
    .filter((line) => line !== "")
    .sort();
}
