import { readdirSync, readFileSync } from "node:fs";

/** How many processes of this machine stand for each task, as "<allocation> <task>"; what a process has begun counts with it. */
export function taskProcesses(): Map<string, number> {
  const processes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => processOf(pid) ?? []);
  const tasks = new Map(processes.map(({ pid, task }) => [pid, task]));
  const counts = new Map<string, number>();
  for (const { parent, task } of processes) {
    if (task === null || tasks.get(parent) === task) continue;
    counts.set(task, (counts.get(task) ?? 0) + 1);
  }
  return counts;
}

/** Null for a process that has ended meanwhile. */
function processOf(pid: string): { pid: string; parent: string; task: string | null } | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
    const [, parent = ""] = /^PPid:\s+(\d+)$/m.exec(status) ?? [];
    const [allocation, task] = ["NOMAD_ALLOC_ID", "NOMAD_TASK_NAME"].map(
      (name) => new RegExp(`(?:^|\0)${name}=([^\0]*)`).exec(environment)?.[1],
    );
    return { pid, parent, task: allocation && task ? `${allocation} ${task}` : null };
  } catch {
    return null;
  }
}
