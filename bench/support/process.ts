import { readdirSync, readFileSync } from "node:fs";

/** Bytes that a process holds in memory. */
export function memoryOf(pid: number): number {
  const [, kilobytes = "0"] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}

/** Processor time of all threads that a process has now, in milliseconds. */
export function cpuOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) => {
    const [ran = "0"] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ");
    return Number(ran);
  });
  return nanoseconds.reduce((sum, time) => sum + time, 0) / 1e6;
}

/** MiB. `proportional` shares what several processes have mapped among them; `own` is nobody else's. */
export interface MemoryShares {
  readonly resident: number;
  readonly proportional: number;
  readonly own: number;
}

export function memorySharesOf(pid: number): MemoryShares {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const of = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB`, "m").exec(text)?.[1] ?? 0) / 1024;
  return { resident: of("Rss"), proportional: of("Pss"), own: of("Private_Clean") + of("Private_Dirty") };
}
