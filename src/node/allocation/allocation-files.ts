import { type Stats, watch } from "node:fs";
import { type FileHandle, lstat, open, readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { Pulse } from "#model/pulse.ts";
import { containedPath } from "../host/contained-path.ts";
import { errorCode, isMissing } from "../host/state-file.ts";

/** A file as it is listed; field names are those of Nomad's API. */
export interface FileInfo {
  readonly Name: string;
  readonly IsDir: boolean;
  /** Bytes. */
  readonly Size: number;
  /** As `ls -l` shows it, such as `-rw-r--r--`. */
  readonly FileMode: string;
  /** RFC 3339. */
  readonly ModTime: string;
}

/** The secrets of a task are not shown to those who may look at its files. */
export class SecretError extends Error {
  override readonly name = "SecretError";
  /** Of an answer over HTTP. */
  readonly statusCode = 403;
}

class MissingFileError extends Error {
  override readonly name = "MissingFileError";
  readonly statusCode = 404;
}

const CHUNK = 64 * 1024;

/** The files of an allocation, for people to look at. No path leads out of its folder, or to secrets. */
export class AllocationFiles {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async list(path: string): Promise<FileInfo[]> {
    const folder = await this.#find(path);
    const names = await readdir(folder).catch((error) => fail(path, error));
    return Promise.all(names.map(async (name) => infoOf(name, await lstat(join(folder, name)))));
  }

  async stat(path: string): Promise<FileInfo> {
    const file = await this.#find(path);
    return infoOf(basename(file), await stat(file).catch((error) => fail(path, error)));
  }

  /** From `offset` on, at most `limit` bytes. */
  async *read(path: string, offset: number, limit = Number.POSITIVE_INFINITY): AsyncGenerator<Uint8Array> {
    const found = await this.#find(path);
    if (!(await stat(found)).isFile()) throw new Error(`"${path}" is not a file`);
    const file = await open(found, "r");
    try {
      yield* chunks(file, offset, limit);
    } finally {
      await file.close();
    }
  }

  /** Goes on as the file grows, until `signal` aborts. */
  async *follow(path: string, offset: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const found = await this.#find(path);
    const changed = new Pulse();
    const watcher = watch(found, () => changed.fire());
    try {
      for (let at = offset; !signal.aborted; ) {
        const next = changed.next(signal);
        for await (const chunk of this.read(path, at)) {
          at += chunk.length;
          yield chunk;
        }
        await next;
      }
    } finally {
      watcher.close();
    }
  }

  async #find(path: string): Promise<string> {
    const found = containedPath(this.#root, path);
    const [task, folder] = found.slice(containedPath(this.#root, "/").length + 1).split("/");
    if (task !== "alloc" && folder === "secrets") throw new SecretError(`"${path}": secrets are not shown`);
    return found;
  }
}

function fail(path: string, error: unknown): never {
  if (isMissing(error)) throw new MissingFileError(`"${path}": there is no such file or folder`);
  if (errorCode(error) === "ENOTDIR") throw new MissingFileError(`"${path}" is not a folder`);
  throw error;
}

async function* chunks(file: FileHandle, offset: number, limit: number): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < limit; ) {
    const size = Math.min(CHUNK, limit - done);
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(size), 0, size, offset + done);
    if (bytesRead === 0) return;
    done += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

function infoOf(Name: string, stats: Stats): FileInfo {
  return {
    Name,
    IsDir: stats.isDirectory(),
    Size: stats.size,
    FileMode: modeText(stats),
    ModTime: stats.mtime.toISOString(),
  };
}

function modeText(stats: Stats): string {
  const kind = stats.isDirectory() ? "d" : stats.isSymbolicLink() ? "L" : "-";
  const bits = [..."rwxrwxrwx"].map((letter, index) => (stats.mode & (1 << (8 - index)) ? letter : "-"));
  return kind + bits.join("");
}
