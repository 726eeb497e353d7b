import { type ChildProcess, spawn } from "node:child_process";
import { readlinkSync } from "node:fs";
import { constants } from "node:os";
import { Readable, type Writable } from "node:stream";
import { command } from "../host/command.ts";
import { childrenOf } from "../host/process-identity.ts";

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
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.environment,
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  // A command that ends without reading all its input is no error of ours.
  child.stdin.on("error", () => {});
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: options.tty ? Readable.from([]) : child.stderr,
    resize: (columns, rows) => (options.tty ? resize(child, columns, rows) : Promise.resolve()),
    exitCode: exitCodeOf(child),
    kill: () => {
      options.kill?.();
      child.kill("SIGKILL");
    },
  };
}

function inTerminal(words: readonly string[]): string[] {
  return ["script", "--quiet", "--return", "--flush", "--command", words.map(quoted).join(" "), "/dev/null"];
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

async function resize(script: ChildProcess, columns: number, rows: number): Promise<void> {
  const [shell] = script.pid === undefined ? [] : childrenOf(script.pid);
  if (shell === undefined) return;
  const terminal = readlinkSync(`/proc/${shell}/fd/0`);
  await command("stty", ["-F", terminal, "columns", String(columns), "rows", String(rows)]);
}

function exitCodeOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? 128 + signalNumber(signal)));
  });
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : constants.signals[signal];
}
