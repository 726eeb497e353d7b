import { createReadStream, createWriteStream } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { Unpack } from "tar";
import { type Entry, open as openZip, type ZipFile } from "yauzl";
import { startCommand } from "../host/command.ts";

/** As in Nomad: what an archive may come to. */
const LARGEST = 100 * 1024 ** 3;
const MOST_FILES = 4096;

/** Compressions by the ends of names. */
const COMPRESSIONS: readonly (readonly [string, string])[] = [
  [".gz", "gz"],
  [".bz2", "bz2"],
  [".xz", "xz"],
  [".zst", "zst"],
];

/** How a file is packed: an archive and a compression, each null for none. */
export interface Packing {
  readonly archive: "tar" | "zip" | null;
  readonly compression: string | null;
  /** The name without what says how it is packed. */
  readonly plainName: string;
}

/** By the name of a file, or of what `archive` says, such as `tar.gz`. */
export function packingOf(name: string, archive: string | false | null): Packing {
  if (archive === false) return { archive: null, compression: null, plainName: name };
  const said = archive === null ? name : `x.${archive}`;
  const long = said
    .replace(/\.tgz$/, ".tar.gz")
    .replace(/\.tbz2$/, ".tar.bz2")
    .replace(/\.txz$/, ".tar.xz")
    .replace(/\.tzst$/, ".tar.zst");
  if (long.endsWith(".zip")) return { archive: "zip", compression: null, plainName: name };
  const [ending = "", compression = null] = COMPRESSIONS.find(([end]) => long.endsWith(end)) ?? [];
  const inner = ending === "" ? long : long.slice(0, -ending.length);
  const isTar = inner.endsWith(".tar");
  return {
    archive: isTar ? "tar" : null,
    compression,
    plainName: name.endsWith(ending) ? name.slice(0, name.length - ending.length) : name,
  };
}

/** Unpacks a file into a folder, or into one file when it is no archive. Nothing lands outside. */
export async function unpack(
  file: string,
  { archive, compression, plainName }: Packing,
  folder: string,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (archive === "zip") return unzip(file, folder);
  const plain = decompressed(file, compression);
  if (archive === "tar") return untar(plain, folder);
  await pipeline(plain, new Bound(), createWriteStream(join(folder, plainName)));
}

function decompressed(file: string, compression: string | null): Readable {
  const source = createReadStream(file);
  if (compression === null) return source;
  if (compression === "gz") return source.pipe(createGunzip());
  if (compression === "zst") return source.pipe(createZstdDecompress());
  return Readable.from(throughProgram(compression === "xz" ? "xz" : "bzip2", source), { objectMode: false });
}

async function* throughProgram(program: string, source: Readable): AsyncGenerator<Buffer> {
  const { exited, stdin, stdout, stderr } = startCommand(program, ["-dc"], { environment: process.env });
  stderr.resume();
  // What it cannot read, or is not given to its end, it tells by its exit.
  pipeline(source, stdin).catch(() => {});
  yield* stdout;
  const exit = await exited;
  if (exit.kind !== "exited" || exit.code !== 0) throw new Error(`${program} cannot read it`);
}

async function untar(source: Readable, folder: string): Promise<void> {
  let files = 0;
  const target = new Unpack({
    cwd: folder,
    strict: true,
    preserveOwner: false,
    // Devices and the like have no place in an artifact.
    filter: (_, entry) =>
      "type" in entry &&
      ["File", "OldFile", "Directory", "SymbolicLink", "Link", "ContiguousFile"].includes(entry.type),
    onReadEntry: () => {
      files += 1;
      if (files > MOST_FILES) source.destroy(new Error(`it holds more than ${MOST_FILES} files`));
    },
  });
  await new Promise<void>((resolve, reject) => {
    const bound = new Bound();
    source.on("error", reject);
    bound.on("error", reject);
    target.on("error", reject);
    target.on("close", resolve);
    source.pipe(bound).pipe(target);
  });
}

class Bound extends Transform {
  #size = 0;

  override _transform(
    chunk: Buffer,
    _: BufferEncoding,
    done: (error: Error | null, chunk?: Buffer) => void,
  ): void {
    this.#size += chunk.length;
    if (this.#size > LARGEST) done(new Error("unpacked it is longer than 100 GB"));
    else done(null, chunk);
  }
}

/** The library refuses names that lead out of the folder, and links are not made. */
async function unzip(file: string, folder: string): Promise<void> {
  const zip = await new Promise<ZipFile>((resolve, reject) =>
    openZip(file, { lazyEntries: true, autoClose: true }, (error, opened) =>
      error ? reject(error) : resolve(opened),
    ),
  );
  if (zip.entryCount > MOST_FILES) throw new Error(`it holds more than ${MOST_FILES} files`);
  let size = 0;
  await new Promise<void>((resolve, reject) => {
    zip.on("error", reject).on("end", resolve);
    zip.on("entry", (entry: Entry) => {
      size += entry.uncompressedSize;
      if (size > LARGEST) return reject(new Error("unpacked it is longer than 100 GB"));
      unzipOne(zip, entry, folder).then(() => zip.readEntry(), reject);
    });
    zip.readEntry();
  });
}

async function unzipOne(zip: ZipFile, entry: Entry, folder: string): Promise<void> {
  const target = join(folder, entry.fileName);
  if (entry.fileName.endsWith("/")) return void (await mkdir(target, { recursive: true }));
  await mkdir(dirname(target), { recursive: true });
  const stream = await new Promise<Readable>((resolve, reject) =>
    zip.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened))),
  );
  await pipeline(stream, createWriteStream(target));
  const mode = (entry.externalFileAttributes >>> 16) & 0o777;
  if (mode !== 0) await chmod(target, mode);
}
