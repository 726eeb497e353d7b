import { readFile } from "node:fs/promises";
import type { ResourceUsage } from "./driver.ts";

/** The kernel's unit in /proc/<pid>/stat on every architecture that Linux still has. */
const TICKS_PER_SECOND = 100;
const PAGE = 4096;

/** What some processes use, as /proc/<pid>/stat tells (proc(5)). Those that have just ended count nothing. */
export async function usageOf(pids: readonly number[]): Promise<ResourceUsage> {
  const each = await Promise.all(pids.map(usageOfProcess));
  return {
    cpuTime: each.reduce((sum, { cpuTime }) => sum + cpuTime, 0),
    memory: each.reduce((sum, { memory }) => sum + memory, 0),
    pids,
  };
}

async function usageOfProcess(pid: number): Promise<{ cpuTime: number; memory: number }> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  // User and system time of the process and of its children that have ended.
  const ticks = fields.slice(11, 15).reduce((sum, time) => sum + time, 0);
  return { cpuTime: (ticks * 1000) / TICKS_PER_SECOND, memory: (fields[21] ?? 0) * PAGE };
}
