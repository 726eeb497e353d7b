import { open, stat } from "node:fs/promises";
import { isMissing } from "../host/state-file.ts";
import type { LogCollector } from "./log-collector.ts";
import { type LogFile, type LogType, logFiles } from "./log-files.ts";

export interface LogReading {
  readonly type: LogType;
  /** Go on with what is written later, until the task is over. */
  readonly follow: boolean;
  /** Bytes from `origin`. */
  readonly offset: number;
  readonly origin: "start" | "end";
  readonly signal: AbortSignal;
}

interface Place {
  readonly number: number;
  readonly offset: number;
}

const CHUNK = 64 * 1024;

/** A task's output, across its files. `collector` is the one that writes them; null when none does any more. */
export async function* readLogs(
  folder: string,
  task: string,
  reading: LogReading,
  collector: LogCollector | null,
): AsyncGenerator<Uint8Array> {
  const files = () => logFiles(folder, task, reading.type);
  let place = await firstPlace(await files(), reading);
  while (!reading.signal.aborted) {
    // Asked for before the files are read: whatever is written after that wakes us.
    const isLast = collector === null || collector.isClosed;
    const changed = collector?.copied.next(reading.signal);
    for (const file of (await files()).filter(({ number }) => number >= place.number)) {
      let offset = file.number === place.number ? place.offset : 0;
      for await (const chunk of readFrom(file, offset)) {
        offset += chunk.length;
        yield chunk;
      }
      place = { number: file.number, offset };
    }
    if (!reading.follow || isLast) return;
    await changed;
  }
}

async function firstPlace(files: readonly LogFile[], { offset, origin }: LogReading): Promise<Place> {
  const sizes = await Promise.all(
    files.map(async ({ path }) => (await stat(path).catch(() => null))?.size ?? 0),
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let skip = origin === "start" ? offset : Math.max(0, total - offset);
  for (const [index, { number }] of files.entries()) {
    const size = sizes[index] ?? 0;
    if (skip < size || index === files.length - 1) return { number, offset: skip };
    skip -= size;
  }
  return { number: 0, offset: skip };
}

async function* readFrom({ path }: LogFile, start: number): AsyncGenerator<Uint8Array> {
  const file = await open(path, "r").catch((error) => {
    // The oldest file may go while the others are read.
    if (isMissing(error)) return null;
    throw error;
  });
  if (file === null) return;
  try {
    for (let offset = start; ; ) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, offset);
      if (bytesRead === 0) return;
      offset += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
