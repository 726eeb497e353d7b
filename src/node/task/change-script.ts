import type { ChangeScript } from "#model/job/template.ts";
import { millisecond } from "#model/schema/duration.ts";
import type { RunningTask } from "../drivers/driver.ts";
import { runInTask } from "./run-in-task.ts";

/** Runs the script of a template that has changed, inside its task. Gives what went wrong; null for nothing. */
export async function problemOfScript(
  { Command, Args, Timeout }: ChangeScript,
  task: RunningTask,
): Promise<string | null> {
  const { code, output, problem } = await runInTask(task, [Command, ...Args], Timeout / millisecond);
  if (problem === null && code === 0) return null;
  const how = problem ?? `it exited with ${code}: ${output}`;
  return `Template ran script "${Command}" with arguments ${JSON.stringify(Args)} and ${how}`;
}
