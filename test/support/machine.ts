import { execFileSync, type StdioOptions } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";

/**
 * Everything on this machine that bears one of `names` (an agent's folder and bridge, the ids of its
 * allocations): namespaces, links, packet rules, mounts, control groups, processes, temporary folders. Other
 * agents may run beside the one that is asked about.
 */
export function tracesOf(names: readonly string[]): string[] {
  const parts = names.flatMap((name) => [name, ...linkNamePart(name)]);
  const bears = (line: string) => parts.some((part) => line.includes(part));
  const kinds: readonly (readonly [string, readonly string[]])[] = [
    ["namespace", run("ip", ["netns", "list"])],
    ["link", run("ip", ["-o", "link"])],
    ["rules", run("nft", ["list", "tables"])],
    ["mount", readFileSync("/proc/mounts", "utf8").split("\n")],
    ["control group", run("find", ["/sys/fs/cgroup", "-type", "d"])],
    ["process", run("ps", ["-eo", "args"])],
    ["folder", readdirSync(tmpdir()).map((name) => `${tmpdir()}/${name}`)],
  ];
  return kinds.flatMap(([kind, lines]) => lines.filter(bears).map((line) => `${kind}: ${line}`));
}

/** Names of links are short: an allocation's holds the beginning of its id. */
function linkNamePart(name: string): string[] {
  return /^[0-9a-f]{8}-/.test(name) ? [name.replaceAll("-", "").slice(0, 11)] : [];
}

function run(program: string, words: readonly string[]): string[] {
  // Namespaces that another agent is about to make or to remove are complained of.
  const stdio: StdioOptions = ["ignore", "pipe", "ignore"];
  return execFileSync(program, words, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024, stdio }).split("\n");
}
