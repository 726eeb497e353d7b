import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type ControlGroup, ROOT } from "./control-group.ts";
import { errorCode } from "./state-file.ts";

/** The numbers of the processors on which the agent, and so its tasks, may run. */
export async function usableProcessors(): Promise<number[]> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  return processorsOf(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? "");
}

/** From the kernel's form of a list, such as `0-3,8` (cpuset(7)). */
export function processorsOf(list: string): number[] {
  return list
    .split(",")
    .filter(Boolean)
    .flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

/** To the same form. */
export function processorList(processors: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const processor of processors.toSorted((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range !== undefined && range[1] + 1 === processor) range[1] = processor;
    else ranges.push([processor, processor]);
  }
  return ranges.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(",");
}

const VERSION_1 = join(ROOT, "cpuset");
const [PROCESSORS, MEMORY_NODES] = ["cpuset.cpus", "cpuset.mems"] as const;

/** Lets all that is in a group, or comes into it, run on these processors alone. */
export async function confine(group: ControlGroup, processors: readonly number[]): Promise<void> {
  const list = processorList(processors);
  if (existsSync(join(ROOT, "cgroup.procs"))) {
    await enableBelow(dirname(group.name));
    await writeFile(join(ROOT, group.name, PROCESSORS), list);
  } else if (existsSync(VERSION_1)) {
    const path = join(VERSION_1, group.name);
    makeWithParents(group.name);
    await writeFile(join(path, PROCESSORS), list);
    await moveAll(group, path);
  }
}

/** In the unified hierarchy a controller works in a group when all above it hand it down. */
async function enableBelow(name: string): Promise<void> {
  const above = name === "." ? [] : name.split("/");
  for (let depth = 0; depth <= above.length; depth++)
    await writeFile(join(ROOT, ...above.slice(0, depth), "cgroup.subtree_control"), "+cpuset");
}

/**
 * In version 1 a group begins with nothing, and takes no processes before it has memory and processors. Done in one go,
 * so that nobody finds a group that is half made.
 */
function makeWithParents(name: string): void {
  const parent = dirname(name);
  const path = join(VERSION_1, name);
  if (existsSync(path)) return;
  if (parent !== ".") makeWithParents(parent);
  mkdirSync(path);
  for (const file of [MEMORY_NODES, PROCESSORS])
    writeFileSync(join(path, file), readFileSync(join(VERSION_1, parent, file), "utf8").trim());
}

/** Until none is left elsewhere: what a process starts meanwhile is where it is itself. */
async function moveAll(group: ControlGroup, path: string): Promise<void> {
  const members = join(path, "cgroup.procs");
  for (;;) {
    const inside = new Set((await readFile(members, "utf8")).split("\n").map(Number));
    const outside = (await group.pids()).filter((pid) => !inside.has(pid));
    if (outside.length === 0) return;
    for (const pid of outside) await move(pid, members);
  }
}

async function move(pid: number, members: string): Promise<void> {
  try {
    await writeFile(members, String(pid));
  } catch (error) {
    // It has just ended.
    if (errorCode(error) !== "ESRCH") throw error;
  }
}
