import { getRawPointer } from "node:ffi";
import { closeSync, openSync } from "node:fs";
import { Socket } from "node:net";
import { constants } from "node:os";
import { checked, libc, SystemError } from "./libc.ts";

/**
 * Starts programs by posix_spawn(3), which shares the agent's memory with the new process until it runs its
 * program. Node.js itself copies the tables of all that memory first: some milliseconds in which the agent
 * does nothing else, for each of the several programs that an allocation takes.
 */
export interface SpawnOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the program gets as its open files, from 0 on; null for /dev/null. */
  readonly files: readonly (number | null)[];
  /** By default the agent's. */
  readonly cwd?: string;
  /** In a session of its own, which the signals of a terminal do not reach. */
  readonly isDetached?: boolean;
}

export type ProcessExit =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "killed"; readonly signal: number };

export interface Spawned {
  readonly pid: number;
  readonly exited: Promise<ProcessExit>;
}

/** Throws a {@link SystemError} when there is no such program, or it may not be run. */
export function spawn(program: string, args: readonly string[], options: SpawnOptions): Spawned {
  const { environment, files, cwd, isDetached = false } = options;
  const variables = Object.entries(environment).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  const nothing = openSync("/dev/null", "r+");
  const actions = Buffer.alloc(ROOM);
  const attributes = Buffer.alloc(ROOM);
  libc.posix_spawn_file_actions_init(actions);
  libc.posix_spawnattr_init(attributes);
  try {
    if (cwd !== undefined) libc.posix_spawn_file_actions_addchdir_np(actions, cwd);
    for (const [target, file] of files.entries())
      libc.posix_spawn_file_actions_adddup2(actions, file ?? nothing, target);
    libc.posix_spawnattr_setflags(attributes, isDetached ? USUAL_FLAGS | SET_SESSION : USUAL_FLAGS);
    libc.posix_spawnattr_setsigdefault(attributes, ALL_SIGNALS);
    libc.posix_spawnattr_setsigmask(attributes, NO_SIGNALS);
    const [argv, env] = [stringList([program, ...args]), stringList(variables)];
    const pid = new Int32Array(1);
    const errno = libc.posix_spawnp(pid, program, actions, attributes, argv, env);
    if (errno !== 0) throw new SystemError(`spawn ${program}`, errno);
    return { pid: pid[0] ?? 0, exited: awaitExit(pid[0] ?? 0) };
  } finally {
    libc.posix_spawn_file_actions_destroy(actions);
    libc.posix_spawnattr_destroy(attributes);
    closeSync(nothing);
  }
}

/** A pipe, both of whose ends are the agent's alone until a program is given one. */
export function pipe(): { readonly reader: number; readonly writer: number } {
  const ends = new Int32Array(2);
  checked(libc.pipe2(ends, CLOSE_ON_EXEC), "pipe");
  return { reader: ends[0] ?? 0, writer: ends[1] ?? 0 };
}

/** Bytes. More than the structures of posix_spawn(3) take on any machine. */
const ROOM = 1024;
/** Of spawn.h: POSIX_SPAWN_SETSIGDEF and POSIX_SPAWN_SETSIGMASK, POSIX_SPAWN_SETSID. */
const USUAL_FLAGS = 0x04 | 0x08;
const SET_SESSION = 0x80;
const ALL_SIGNALS = Buffer.alloc(128, 0xff);
const NO_SIGNALS = Buffer.alloc(128);
/** O_CLOEXEC is the same on every machine that Linux's generic headers are for. */
const CLOSE_ON_EXEC = 0o2000000;

/** As execve(2) takes it: pointers to strings, then zero. The strings follow, so that they live as long as it. */
function stringList(strings: readonly string[]): Buffer {
  const texts = strings.map((text) => Buffer.from(`${text}\0`));
  const size = texts.reduce((sum, { length }) => sum + length, 0);
  const list = Buffer.from(new ArrayBuffer(POINTER * (texts.length + 1) + size));
  const base = getRawPointer(list);
  let at = POINTER * (texts.length + 1);
  for (const [i, text] of texts.entries()) {
    list.writeBigUInt64LE(base + BigInt(at), POINTER * i);
    at += text.copy(list, at);
  }
  return list;
}

/** Bytes. */
const POINTER = 8;

const running = new Map<number, (exit: ProcessExit) => void>();
let timer: NodeJS.Timeout | undefined;

/** Several ends may come as one signal, so each looks at every process. */
function reap(): void {
  const status = new Int32Array(1);
  for (const [pid, ended] of running) {
    if (libc.waitpid(pid, status, NO_WAIT) !== pid) continue;
    running.delete(pid);
    ended(exitOf(status[0] ?? 0));
  }
  if (running.size > 0) return;
  clearInterval(timer);
  timer = undefined;
  process.off("SIGCHLD", reap);
}

/** WNOHANG. */
const NO_WAIT = 1;
/** Milliseconds. The timer keeps the agent from ending before its programs do. */
const SECOND_LOOK = 1000;

function awaitExit(pid: number): Promise<ProcessExit> {
  return new Promise((resolve) => {
    running.set(pid, resolve);
    if (timer !== undefined) return;
    timer = setInterval(reap, SECOND_LOOK);
    process.on("SIGCHLD", reap);
  });
}

/** As wait(2) lays it out. */
function exitOf(status: number): ProcessExit {
  const signal = status & 0x7f;
  return signal === 0 ? { kind: "exited", code: (status >> 8) & 0xff } : { kind: "killed", signal };
}

/** Such as `SIGKILL`. */
export function signalName(signal: number): string {
  return Object.entries(constants.signals).find(([, number]) => number === signal)?.[0] ?? `signal ${signal}`;
}

export interface Piped extends Spawned {
  readonly stdin: Socket;
  readonly stdout: Socket;
  readonly stderr: Socket;
}

/** With pipes for its three usual files. Throws as {@link spawn} does. */
export function spawnPiped(
  program: string,
  args: readonly string[],
  options: Omit<SpawnOptions, "files">,
): Piped {
  const [stdin, stdout, stderr] = [pipe(), pipe(), pipe()];
  const theirs = [stdin.reader, stdout.writer, stderr.writer];
  const ours = [stdin.writer, stdout.reader, stderr.reader];
  try {
    const spawned = spawn(program, args, { ...options, files: theirs });
    const input = new Socket({ fd: stdin.writer, readable: false, writable: true });
    void spawned.exited.then(() => input.destroy());
    return {
      ...spawned,
      stdin: input,
      stdout: new Socket({ fd: stdout.reader, readable: true, writable: false }),
      stderr: new Socket({ fd: stderr.reader, readable: true, writable: false }),
    };
  } catch (error) {
    for (const end of ours) closeSync(end);
    throw error;
  } finally {
    for (const end of theirs) closeSync(end);
  }
}
