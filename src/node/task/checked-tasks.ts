import type { CheckedTasks } from "../checks/allocation-checks.ts";
import type { ProbeResult } from "../checks/check-state.ts";
import { runInTask } from "./run-in-task.ts";
import type { TaskRunner } from "./task-runner.ts";

/** What the checks of an allocation may ask of its tasks; `main` are those that a check of the group speaks of. */
export function checkedTasks(
  all: ReadonlyMap<string, TaskRunner>,
  main: () => readonly string[],
): CheckedTasks {
  const named = (task: string | null) =>
    (task === null ? main() : [task]).flatMap((name) => all.get(name) ?? []);
  return {
    runScript: (task, command, timeout) => runScript(all.get(task), command, timeout),
    runningSince: (task) => {
      const starts = named(task).map(({ running, state }) => (running === null ? null : state.StartedAt));
      const times = starts.flatMap((start) => (start === null ? [] : [Date.parse(start)]));
      return times.length < starts.length || times.length === 0 ? null : Math.max(...times);
    },
    restart: (task, reason) => {
      for (const each of named(task)) each.restart(reason, { countsAsFailure: true });
    },
  };
}

/** 0 passes, 1 warns, as in Consul. */
async function runScript(
  task: TaskRunner | undefined,
  command: readonly string[],
  timeout: number,
): Promise<ProbeResult> {
  if (!task?.running) return { status: "critical", output: "the task of the check does not run" };
  const { code, output, problem } = await runInTask(task.running, command, timeout);
  if (problem !== null) return { status: "critical", output: problem };
  return { status: code === 0 ? "passing" : code === 1 ? "warning" : "critical", output };
}
