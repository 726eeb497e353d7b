import type { ChangeScript } from "#model/job/template.ts";
import { formatDuration, millisecond } from "#model/schema/duration.ts";
import type { RunningTask } from "../drivers/driver.ts";

/** Runs the script of a template that has changed, inside its task. Gives what went wrong; null for nothing. */
export async function problemOfScript(
  { Command, Args, Timeout }: ChangeScript,
  task: RunningTask,
): Promise<string | null> {
  const name = `Template ran script "${Command}" with arguments ${JSON.stringify(Args)}`;
  try {
    const session = await task.exec({ command: [Command, ...Args], tty: false });
    session.stdin.end();
    const tail = lastOf(session.stdout, session.stderr);
    const late = AbortSignal.timeout(Timeout / millisecond);
    late.addEventListener("abort", () => session.kill());
    const code = await session.exitCode;
    if (code === 0) return null;
    const how = late.aborted ? `took longer than ${formatDuration(Timeout)}` : `exited with ${code}`;
    return `${name} and it ${how}: ${(await tail).trim()}`;
  } catch (error) {
    return `${name} and it could not be started: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Bytes of a script's output that are shown. */
const EXCERPT = 500;

async function lastOf(...streams: readonly AsyncIterable<Uint8Array>[]): Promise<string> {
  let text = "";
  await Promise.all(
    streams.map(async (stream) => {
      for await (const chunk of stream) text = (text + Buffer.from(chunk).toString("utf8")).slice(-EXCERPT);
    }),
  );
  return text;
}
