import { closeSync, constants, existsSync, openSync, rmSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import { pause } from "#model/pulse.ts";
import type { ControlGroup } from "../host/control-group.ts";
import { checked, libc } from "../host/libc.ts";
import { childrenOf, isAlive, type ProcessIdentity } from "../host/process-identity.ts";
import { pipe, type Spawned, spawn } from "../host/spawn.ts";
import { errorCode } from "../host/state-file.ts";
import { StartError } from "./driver.ts";

/**
 * Every task is the child of a shell that does nothing but wait for it. The shell outlives the agent, so
 * the task does as well and its exit code is never lost; it takes a tenth of a megabyte.
 *
 * It holds two open files: 3 is a pipe that nobody writes to, whose end tells whoever reads it, the agent
 * or the next one, that the shell is gone; 4 is the file for the exit code. On 5 it waits to be told that the
 * task may begin, and ends when whoever would say so is gone. The task gets none of them. It runs
 * in a session of its own so that signals to its process group do not reach the shell, and the shell's own
 * remarks ("Killed") do not go into the task's output. Programs are named by their paths because PATH is the
 * task's.
 */
const WATCH = `read -r begin <&5 || exit
exec 5>&2 2>/dev/null
(exec 2>&5 3>&- 4>&- 5>&-; exec /usr/bin/setsid "$@")
echo $? >&4`;

/** The command that runs `task` under a supervisor; to be started by {@link spawnSupervised}. */
export function supervised(task: readonly string[]): string[] {
  return ["/bin/sh", "-c", WATCH, "supervise", ...task];
}

const ALIVE = "alive";
const EXIT = "exit";

export interface SuperviseOptions {
  readonly stateFolder: string;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly stdout: string;
  readonly stderr: string;
}

/** The supervisor, or what brings one into being, and the gate that it waits at. */
export interface Supervised extends Spawned {
  /** Lets the task begin. */
  readonly begin: () => void;
  /** Lets the supervisor end without its task having begun. */
  readonly discard: () => void;
}

/** Starts a command that is the supervisor, or brings one into being. Throws a {@link StartError}. */
export function spawnSupervised(
  [program = "", ...args]: readonly string[],
  { stateFolder, cwd, environment, stdout, stderr }: SuperviseOptions,
): Supervised {
  const exit = join(stateFolder, EXIT);
  rmSync(exit, { force: true });
  makePipe(stateFolder);
  const gate = pipe();
  // A pipe can be opened for writing, without waiting, only while someone has it open for reading.
  const files = [gate.reader, openPipe(stateFolder, constants.O_RDONLY)];
  try {
    for (const path of [stdout, stderr]) files.push(openSync(path, "a"));
    files.push(openPipe(stateFolder, constants.O_WRONLY), openExit(exit));
    const theirs = [null, ...files.slice(2), gate.reader];
    const spawned = spawn(program, args, { cwd, environment, files: theirs, isDetached: true });
    return { ...spawned, ...opening(gate.writer) };
  } catch (error) {
    closeSync(gate.writer);
    throw new StartError(`${program} could not be run: ${(error as Error).message}`);
  } finally {
    for (const file of files) closeSync(file);
  }
}

/** Its place on the disk is taken now: a disk that is full later loses no exit code. */
function openExit(path: string): number {
  const file = openSync(path, "w", 0o600);
  try {
    writeSync(file, "    ", 0);
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** Another supervisor may have used the same pipe before: nothing is in it once its last user is gone. */
function makePipe(stateFolder: string): void {
  const alive = join(stateFolder, ALIVE);
  if (!existsSync(alive)) checked(libc.mkfifo(alive, 0o600), `mkfifo ${alive}`);
}

function opening(gate: number): Pick<Supervised, "begin" | "discard"> {
  return {
    begin: () => {
      try {
        writeSync(gate, "begin\n");
      } catch (error) {
        // A supervisor that was killed meanwhile says so by its end.
        if (errorCode(error) !== "EPIPE") throw error;
      } finally {
        closeSync(gate);
      }
    },
    discard: () => closeSync(gate),
  };
}

/** The end of a supervised task, for the agent that started it and for any later one alike. */
export interface Watch {
  /** The exit code; null when the supervisor was killed before it could write one. */
  readonly ended: Promise<number | null>;
  /** Watches no longer; `ended` stays open. */
  stop(): void;
}

export function watch(stateFolder: string): Watch {
  const reader = openPipe(stateFolder, constants.O_RDONLY);
  // The kernel reports no end of a pipe whose last writer left before it was opened. So we are a writer too,
  // and leave at once.
  const writer = openPipe(stateFolder, constants.O_WRONLY);
  const pipe = new Socket({ fd: reader, readable: true, writable: false });
  const ended = new Promise<number | null>((resolve) => {
    pipe.once("end", () => resolve(readExit(stateFolder)));
  });
  pipe.resume();
  closeSync(writer);
  return { ended, stop: () => pipe.destroy() };
}

function openPipe(stateFolder: string, access: number): number {
  return openSync(join(stateFolder, ALIVE), access | constants.O_NONBLOCK);
}

async function readExit(stateFolder: string): Promise<number | null> {
  const text = await readFile(join(stateFolder, EXIT), "utf8");
  return text.trim() === "" ? null : Number(text);
}

/** Sends a signal to the task that a supervisor waits for. */
export function signalTask(supervisor: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(supervisor)) return;
  for (const pid of childrenOf(supervisor.pid)) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (errorCode(error) !== "ESRCH") throw error;
    }
  }
}

/**
 * Kills a task: itself first, so that its supervisor can still note how it ended; then, when that does not
 * happen soon, all that is in its control group.
 */
export async function killTask(
  supervisor: ProcessIdentity,
  ended: Promise<unknown>,
  group: ControlGroup,
): Promise<void> {
  signalTask(supervisor, "SIGKILL");
  const over = new AbortController();
  void ended.then(() => over.abort());
  await pause(KILL_GRACE, over.signal);
  if (!over.signal.aborted) await group.destroy();
}

/** Milliseconds. */
const KILL_GRACE = 1000;
