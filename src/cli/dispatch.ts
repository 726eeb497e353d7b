import { type Command, CommandError, type ExitCode } from "./command.ts";
import { parseLine } from "./command-line.ts";
import { findCommand, groupOf } from "./commands.ts";
import { commandHelp, overview } from "./help.ts";
import { processTerminal, type Terminal } from "./terminal.ts";

/** What a shell shows of a program that wrote to a pipe which nobody reads. */
const SIGPIPE_EXIT = 141;

/** Gives a command by the name of its file. */
type Load = (file: string) => Promise<Command>;

/** Carries out what a line of a shell says, and tells of errors on its terminal. */
export async function main(words: readonly string[], load: Load): Promise<ExitCode> {
  const terminal = processTerminal({ colour: !words.some((word) => /^--?no-color(=true)?$/.test(word)) });
  try {
    return await run(words, load, terminal);
  } catch (error) {
    terminal.say(terminal.style("red", `Error: ${messageOf(error)}`));
    return error instanceof CommandError ? error.exitCode : 1;
  }
}

async function run(words: readonly string[], load: Load, terminal: Terminal): Promise<ExitCode> {
  const found = findCommand(words);
  const wantsHelp = words.some((word) => /^--?(help|h)$/.test(word));
  if (found === null) {
    const group = groupOf(words);
    if (words.length === 0 || wantsHelp || group !== null) {
      terminal.print(...overview(group));
      return words.length === 0 || wantsHelp ? 0 : 127;
    }
    if (/^--?(version|v)$/.test(words[0] ?? "")) return run(["version"], load, terminal);
    throw new CommandError(`there is no command "${words.join(" ")}". See: yurt -help`, 127);
  }
  const command = await load(found.file);
  const rest = words.slice(found.words);
  const own = command.passesFlagsOn
    ? rest.slice(0, rest.findIndex((word) => !word.startsWith("-")) + 1)
    : rest;
  if (own.some((word) => /^--?(help|h)$/.test(word))) {
    terminal.print(...commandHelp(found.name, command));
    return 0;
  }
  const line = parseLine(found.name, command, rest);
  process.stdout.on("error", () => command.outlivesReader ?? process.exit(SIGPIPE_EXIT));
  return command.run({ ...line, terminal, signal: interruption() });
}

/** The first interruption asks the command to end well; a second one ends the process. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => controller.abort(signal));
  }
  return controller.signal;
}

/** Internal faults are told by their message alone; the trace goes to those who ask for it. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return process.env["YURT_TRACE"] === "1" && !(error instanceof CommandError)
    ? (error.stack ?? error.message)
    : error.message;
}
