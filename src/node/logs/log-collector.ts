import { type FSWatcher, statSync, watch, writeFileSync } from "node:fs";
import { type FileHandle, open, rm, writeFile } from "node:fs/promises";
import type { Log } from "#model/log.ts";
import { Pulse, pause } from "#model/pulse.ts";
import { command } from "../host/command.ts";
import { readState, writeState } from "../host/state-file.ts";
import { type LogType, logFile, logFiles } from "./log-files.ts";

export interface LogCollectorOptions {
  readonly task: string;
  readonly type: LogType;
  /** The file that the task itself appends its output to. */
  readonly live: string;
  /** Where the numbered files go. */
  readonly folder: string;
  /** Where the collector notes how far it is. */
  readonly state: string;
  readonly maxFiles: number;
  /** Bytes. */
  readonly maxFileSize: number;
  readonly log: Log;
}

/** Where in the live file the numbered file begins that is being written. Together with that file's size it
 * says exactly what has been copied, so nothing needs to be noted at each write. */
interface Position {
  readonly number: number;
  readonly start: number;
}

const CHUNK = 64 * 1024;
/** Milliseconds in which what is written gathers, to be copied together. */
const GATHER = 10;
/** So much of the live file is given back to the disk at a time. */
const HOLE = 1024 * 1024;

/**
 * Copies a task's output from the file that it writes into numbered files of bounded size. The task needs
 * nobody to read: while no agent runs, its output gathers in the live file.
 */
export class LogCollector {
  /** Fires after more output was copied, and when the collector closes. */
  readonly copied = new Pulse();
  isClosed = false;
  readonly #options: LogCollectorOptions;
  #watcher: FSWatcher | null = null;
  #position: Position = { number: 0, start: 0 };
  #size = 0;
  #freed = 0;
  #copying: Promise<void> = Promise.resolve();
  #isQueued = false;

  constructor(options: LogCollectorOptions) {
    this.#options = options;
  }

  open(): void {
    const { live, state } = this.#options;
    writeFileSync(live, "", { flag: "a", mode: 0o600 });
    this.#position = readState<Position>(state) ?? this.#position;
    this.#size = sizeOf(this.#currentFile());
    this.#watcher = watch(live, () => this.#copySoon());
    if (this.#isBehind) this.#copySoon();
  }

  /** Copies what is left, and closes. */
  async close(): Promise<void> {
    if (this.#isBehind) this.#copySoon();
    await this.#copying;
    this.leave();
  }

  /** Stops where it is. */
  leave(): void {
    this.#watcher?.close();
    this.isClosed = true;
    this.copied.fire();
  }

  /** However often the file changes meanwhile, one further run follows the one under way: many programs write line by line. */
  #copySoon(): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.#copying = this.#copying.then(async () => {
      await pause(GATHER);
      this.#isQueued = false;
      await this.#copyAll().catch((error: Error) => this.#failed(error));
    });
  }

  /** A full disk may have taken a part of what was to be written. The rest is tried again at the next change. */
  async #failed(error: Error): Promise<void> {
    const { task, type, log } = this.#options;
    log.error("the output of a task cannot be kept", { task, type, error });
    try {
      this.#size = sizeOf(this.#currentFile());
    } catch {
      // It stays as far as was known.
    }
  }

  async #copyAll(): Promise<void> {
    const live = await open(this.#options.live, "r");
    try {
      while (await this.#copyChunk(live)) this.copied.fire();
    } finally {
      await live.close();
    }
    await this.#freeCopied();
  }

  async #copyChunk(live: FileHandle): Promise<boolean> {
    const { maxFileSize } = this.#options;
    if (this.#size >= maxFileSize) await this.#nextFile();
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK, maxFileSize - this.#size));
    const { bytesRead } = await live.read(buffer, 0, buffer.length, this.#consumed);
    if (bytesRead === 0) return false;
    await writeFile(this.#currentFile(), buffer.subarray(0, bytesRead), { flag: "a", mode: 0o644 });
    this.#size += bytesRead;
    return true;
  }

  get #isBehind(): boolean {
    return sizeOf(this.#options.live) > this.#consumed;
  }

  get #consumed(): number {
    return this.#position.start + this.#size;
  }

  #currentFile(): string {
    const { folder, task, type } = this.#options;
    return logFile(folder, task, type, this.#position.number).path;
  }

  async #nextFile(): Promise<void> {
    const { folder, task, type, state, maxFiles } = this.#options;
    this.#position = { number: this.#position.number + 1, start: this.#consumed };
    writeState(state, this.#position);
    this.#size = 0;
    const files = await logFiles(folder, task, type);
    const surplus = files.filter(({ number }) => number <= this.#position.number - maxFiles);
    await Promise.all(surplus.map(({ path }) => rm(path, { force: true })));
  }

  /** Where the file system cannot make holes, the live file stays as long as it is. */
  async #freeCopied(): Promise<void> {
    const end = Math.floor(this.#consumed / HOLE) * HOLE;
    if (end <= this.#freed) return;
    const range = ["--offset", String(this.#freed), "--length", String(end - this.#freed)];
    this.#freed = end;
    await command("fallocate", ["--punch-hole", "--keep-size", ...range, this.#options.live]).catch(() => {});
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
