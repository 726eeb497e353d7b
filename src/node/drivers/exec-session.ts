import { readlinkSync } from "node:fs";
import { Readable, type Writable } from "node:stream";
import { command, startCommand } from "../host/command.ts";
import { childrenOf } from "../host/process-identity.ts";
import type { ProcessExit } from "../host/spawn.ts";

/** A command to run inside a task, beside the task's own. */
export interface ExecRequest {
  readonly command: readonly string[];
  /** Give it a terminal. */
  readonly tty: boolean;
}

/** A command that runs inside a task. */
export interface ExecSession {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Empty with a terminal, which has but one output. */
  readonly stderr: Readable;
  resize(columns: number, rows: number): Promise<void>;
  /** As a shell reports it: 128 and the signal's number for a command that a signal ended. */
  readonly exitCode: Promise<number>;
  /** Ends the command. */
  kill(): void;
}

export interface SessionOptions {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly tty: boolean;
  /** Ends the command where killing what was started here does not. */
  readonly kill?: () => void;
}

/** Starts a program of the host as a session. A terminal comes from script(1), so nothing native is needed. */
export function startSession(options: SessionOptions): ExecSession {
  const [program = "", ...args] = options.tty ? inTerminal(options.command) : options.command;
  const { environment, cwd } = options;
  const started = startCommand(program, args, { environment, cwd, isDetached: true });
  const { pid, stdin, stdout, stderr } = started;
  // A command that ends without reading all its input is no error of ours.
  stdin.on("error", () => {});
  if (options.tty) stderr.resume();
  let isOver = false;
  const exitCode = started.exited.then((exit) => {
    isOver = true;
    return exitCodeOf(exit);
  });
  return {
    stdin,
    stdout,
    stderr: options.tty ? Readable.from([]) : stderr,
    resize: (columns, rows) => (options.tty ? resize(pid, columns, rows) : Promise.resolve()),
    exitCode,
    kill: () => {
      options.kill?.();
      if (!isOver) process.kill(pid, "SIGKILL");
    },
  };
}

function inTerminal(words: readonly string[]): string[] {
  return ["script", "--quiet", "--return", "--flush", "--command", words.map(quoted).join(" "), "/dev/null"];
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

async function resize(script: number, columns: number, rows: number): Promise<void> {
  const [shell] = childrenOf(script);
  if (shell === undefined) return;
  const terminal = readlinkSync(`/proc/${shell}/fd/0`);
  await command("stty", ["-F", terminal, "columns", String(columns), "rows", String(rows)]);
}

function exitCodeOf(exit: ProcessExit): number {
  return exit.kind === "exited" ? exit.code : 128 + exit.signal;
}
