import { appendFileSync } from "node:fs";
import { constants } from "node:os";
import { PassThrough, Readable } from "node:stream";
import { pause } from "#model/pulse.ts";
import type { Json } from "#model/schema/schema.ts";
import { ConfigReader } from "./config-reader.ts";
import {
  type AdoptedLaunch,
  type Driver,
  type PreparedTask,
  type RunningTask,
  StartError,
  type TaskExit,
  type TaskLaunch,
} from "./driver.ts";
import type { ExecSession } from "./exec-session.ts";

type MockConfig = ReturnType<typeof readMockConfig>;

/** What of a task is known after a restart of the agent. */
interface Saved {
  /** Milliseconds since 1970. */
  readonly endsAt: number;
  readonly config: MockConfig;
}

/** Pretends to run tasks, as their configuration says: for tests, and for measuring everything but the tasks. */
export function mockDriver(): Driver {
  return {
    users: "host",
    needsDaemon: false,
    networks: null,
    removeOthers: async () => {},
    defaultUser: "root",
    obstacle: async () => null,
    view: ({ alloc, local, secrets, tmp }) => ({ alloc, local, secrets, tmp }),
    locate: ({ source }) => source,
    prepare,
    adopt: async (_: AdoptedLaunch, saved: Json) => running(saved as unknown as Saved),
  };
}

function readMockConfig(config: TaskLaunch["config"]) {
  const reader = new ConfigReader(config);
  const read = {
    /** Milliseconds. */
    runFor: reader.duration("run_for") ?? 0,
    killAfter: reader.duration("kill_after") ?? 0,
    startBlockFor: reader.duration("start_block_for") ?? 0,
    startError: reader.text("start_error") ?? "",
    isStartErrorPassing: reader.flag("start_error_recoverable") ?? false,
    exitCode: reader.number("exit_code") ?? 0,
    exitSignal: reader.number("exit_signal") ?? 0,
    signalError: reader.text("signal_error") ?? "",
    stdout: reader.text("stdout_string") ?? "",
    stdoutRepeat: reader.number("stdout_repeat") ?? 0,
    stdoutPause: reader.duration("stdout_repeat_duration") ?? 0,
  };
  reader.finish();
  return read;
}

async function prepare(launch: TaskLaunch): Promise<PreparedTask> {
  const config = readMockConfig(launch.config);
  if (config.startBlockFor > 0) await pause(config.startBlockFor);
  if (config.startError !== "")
    throw new StartError(config.startError, { isPassing: config.isStartErrorPassing });
  const saved = { config, endsAt: Date.now() + config.runFor };
  return {
    saved,
    begin: async () => {
      void print(launch.stdout, config);
      return running(saved);
    },
    discard: async () => {},
  };
}

async function print(file: string, { stdout, stdoutRepeat, stdoutPause }: MockConfig): Promise<void> {
  if (stdout === "") return;
  appendFileSync(file, stdout);
  for (let left = stdoutRepeat; left > 0; left--) {
    await pause(stdoutPause);
    appendFileSync(file, stdout);
  }
}

function running({ config, endsAt }: Saved): RunningTask {
  const over = new AbortController();
  let exit: TaskExit = exited(config.exitSignal > 0 ? 128 + config.exitSignal : config.exitCode);
  const endWith = (code: number) => {
    exit = exited(code);
    over.abort();
  };
  const left = new AbortController();
  const waited = pause(Math.max(0, endsAt - Date.now()), over.signal);
  return {
    pid: 0,
    ended: waited.then(() => (left.signal.aborted ? new Promise<TaskExit>(() => {}) : exit)),
    signal: (name) => {
      if (config.signalError !== "") throw new Error(config.signalError);
      void pause(config.killAfter, over.signal).then(() => endWith(128 + constants.signals[name]));
    },
    kill: async () => endWith(128 + constants.signals.SIGKILL),
    exec: async ({ command }) => echo(command),
    usage: async () => ({ cpuTime: 0, memory: 0, pids: [] }),
    confine: async () => {},
    leave: () => {
      left.abort();
      over.abort();
    },
    forget: async () => {},
  };
}

function exited(code: number): TaskExit {
  return { kind: "exited", code, isOutOfMemory: false };
}

/** A session that says what it was asked to run. */
function echo(command: readonly string[]): ExecSession {
  return {
    stdin: new PassThrough().resume(),
    stdout: Readable.from([Buffer.from(`${command.join(" ")}\n`)]),
    stderr: Readable.from([]),
    resize: async () => {},
    exitCode: Promise.resolve(0),
    kill: () => {},
  };
}
