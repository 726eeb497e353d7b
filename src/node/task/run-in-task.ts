import type { RunningTask } from "../drivers/driver.ts";

/** What became of a command that ran inside a task. */
export interface TaskCommandResult {
  readonly code: number;
  /** The end of its output. */
  readonly output: string;
  /** Why there is no code of its own; null when there is. */
  readonly problem: string | null;
}

/** Bytes of a command's output that are kept. */
const EXCERPT = 4096;

/** Runs a command inside a task, to its end or for so many milliseconds. */
export async function runInTask(
  task: RunningTask,
  command: readonly string[],
  timeout: number,
): Promise<TaskCommandResult> {
  try {
    const session = await task.exec({ command, tty: false });
    session.stdin.end();
    const output = endOf(session.stdout, session.stderr);
    const late = AbortSignal.timeout(timeout);
    late.addEventListener("abort", () => session.kill());
    const code = await session.exitCode;
    const problem = late.aborted ? `it took longer than ${timeout} ms and was ended` : null;
    return { code, problem, output: (await output).trim() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { code: -1, output: "", problem: `it could not be started: ${reason}` };
  }
}

async function endOf(...streams: readonly AsyncIterable<Uint8Array>[]): Promise<string> {
  let text = "";
  await Promise.all(
    streams.map(async (stream) => {
      for await (const chunk of stream) text = (text + Buffer.from(chunk).toString("utf8")).slice(-EXCERPT);
    }),
  );
  return text;
}
