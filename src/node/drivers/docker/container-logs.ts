import { type FileHandle, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { readState, writeState } from "../../host/state-file.ts";
import type { Engine } from "./engine.ts";
import { type Frame, frames } from "./frames.ts";

/**
 * How far a container's output has been copied: everything up to a time, and how long the two files were then.
 * What is beyond that in the files came later, and is left out when it is read anew: nothing is lost or doubled
 * however often the agent is killed.
 */
interface Position {
  /** As {@link unixTime} gives it; empty for the container's start. */
  readonly since: string;
  readonly stdout: number;
  readonly stderr: number;
}

export interface LogPlaces {
  readonly stateFolder: string;
  readonly stdout: string;
  readonly stderr: string;
  /** A container with a terminal has one output, without frames. */
  readonly isTerminal: boolean;
}

/** Docker's has nine digits after the second and is in UTC, Podman's none and the zone of its machine. */
const DAEMON_TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;
/** Milliseconds between two notes of the position. */
const NOTE_INTERVAL = 1000;

/** To be called before a container starts: its output goes behind what the files hold now. */
export async function beginLogs(places: LogPlaces): Promise<void> {
  const [stdout, stderr] = await Promise.all([places.stdout, places.stderr].map(sizeOf));
  writeState(positionFile(places), { since: "", stdout, stderr });
}

/** Appends a container's output to the task's files, until it has ended or `signal` aborts. */
export async function followLogs(
  engine: Engine,
  container: string,
  places: LogPlaces,
  signal: AbortSignal,
): Promise<void> {
  const position = readState<Position>(positionFile(places)) ?? { since: "", stdout: 0, stderr: 0 };
  const query = {
    ...{ follow: true, stdout: true, stderr: true, timestamps: !places.isTerminal },
    since: position.since || undefined,
  };
  const stream = await engine.stream(`/containers/${container}/logs`, { query, signal });
  const copy = await LogCopy.open(places, position);
  try {
    if (places.isTerminal) for await (const chunk of stream) await copy.append({ type: 1, data: chunk });
    else for await (const frame of frames(stream)) await copy.take(frame);
  } finally {
    await copy.close();
  }
}

class LogCopy {
  readonly #places: LogPlaces;
  readonly #files: readonly [FileHandle, FileHandle];
  /** Bytes that the files hold already of what comes next. */
  readonly #skip: [number, number];
  /** Where the files would end if nothing had been skipped. */
  readonly #ends: [number, number];
  readonly #since: string;
  #latest = "";
  #notedAt = performance.now();

  private constructor(
    places: LogPlaces,
    { since, stdout, stderr }: Position,
    files: readonly [FileHandle, FileHandle],
    sizes: readonly [number, number],
  ) {
    this.#places = places;
    this.#since = since;
    this.#files = files;
    this.#ends = [stdout, stderr];
    this.#skip = [Math.max(0, sizes[0] - stdout), Math.max(0, sizes[1] - stderr)];
  }

  static async open(places: LogPlaces, position: Position): Promise<LogCopy> {
    const { stdout, stderr } = places;
    const sizes = [await sizeOf(stdout), await sizeOf(stderr)] as const;
    return new LogCopy(places, position, [await open(stdout, "a"), await open(stderr, "a")], sizes);
  }

  /** A frame that begins with its time. */
  async take({ type, data }: Frame): Promise<void> {
    const space = data.indexOf(" ");
    const time = unixTime(data.toString("latin1", 0, space));
    if (time !== null) {
      if (time <= this.#since) return;
      // Pieces of one long line have the same time: a position between two times is between two lines.
      if (time > this.#latest) this.#note(time);
    }
    await this.append({ type, data: data.subarray(space + 1) });
  }

  async append({ type, data }: Frame): Promise<void> {
    const index = type === 2 ? 1 : 0;
    const skipped = Math.min(this.#skip[index], data.length);
    this.#skip[index] -= skipped;
    this.#ends[index] += data.length;
    if (skipped < data.length) await this.#files[index].appendFile(data.subarray(skipped));
  }

  async close(): Promise<void> {
    await Promise.all(this.#files.map((file) => file.close()));
  }

  #note(time: string): void {
    const before = this.#latest;
    this.#latest = time;
    if (before === "" || performance.now() - this.#notedAt < NOTE_INTERVAL) return;
    this.#notedAt = performance.now();
    const [stdout, stderr] = this.#ends;
    writeState(positionFile(this.#places), { since: before, stdout, stderr } satisfies Position);
  }
}

function positionFile({ stateFolder }: LogPlaces): string {
  return join(stateFolder, "docker-logs.json");
}

/** Seconds since 1970 with nine digits, which is how the daemon takes times; null for what is no time. */
function unixTime(written: string): string | null {
  const [, day, fraction = "", zone] = DAEMON_TIME.exec(written) ?? [];
  if (day === undefined) return null;
  return `${Date.parse(`${day}${zone}`) / 1000}.${fraction.padEnd(9, "0")}`;
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}
