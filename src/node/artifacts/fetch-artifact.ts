import { cp, lchown, lstat, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { TaskArtifact } from "#model/job/artifact.ts";
import { interpolate, interpolateValues } from "../environment/interpolation.ts";
import { command } from "../host/command.ts";
import { containedPath } from "../host/contained-path.ts";
import { fileOfTask, type TaskFiles } from "../templates/template-files.ts";
import { type ArtifactSource, readSource } from "./artifact-source.ts";
import { verifyChecksum } from "./checksum.ts";
import { download } from "./download.ts";
import { packingOf, unpack } from "./unpack.ts";

/** Milliseconds; as in Nomad. */
const PATIENCE = 30 * 60_000;

/** Fetches one artifact into its task's folder. Throws an error that names it and says why. */
export async function fetchArtifact(
  artifact: TaskArtifact,
  files: TaskFiles,
  stop: AbortSignal,
): Promise<void> {
  const shown = interpolate(artifact.GetterSource, files.references);
  const signal = AbortSignal.any([stop, AbortSignal.timeout(PATIENCE)]);
  const work = await mkdtemp(join(dirname(files.folder.local), ".artifact-"));
  try {
    const source = readSource(shown, interpolateValues(artifact.GetterOptions, files.references));
    const destination = fileOfTask(artifact.RelativeDest || "local/", files);
    const fetched = await fetchTo(source, artifact, files, work, signal);
    await place(fetched, artifact.GetterMode, destination);
    if (artifact.Chown) await chownAll(destination, files.owner);
  } catch (error) {
    const reason = error instanceof Error ? reasonOf(error) : String(error);
    throw new Error(`failed to download artifact "${withoutPassword(shown)}": ${reason}`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** What was fetched: a file, or a folder whose content is wanted. */
interface Fetched {
  readonly path: string;
  readonly isFolder: boolean;
}

async function fetchTo(
  source: ArtifactSource,
  artifact: TaskArtifact,
  files: TaskFiles,
  work: string,
  signal: AbortSignal,
): Promise<Fetched> {
  if (source.kind === "git") return within(await clone(source, work, signal), source);
  const file = await fileOf(source, artifact, files, work, signal);
  if ((await lstat(file)).isDirectory()) return within({ path: file, isFolder: true }, source);
  if (source.checksum !== null) await verifyChecksum(file, source.checksum);
  const packing = packingOf(
    basename(file),
    artifact.GetterMode === "file" && source.archive === null ? false : source.archive,
  );
  if (packing.archive === null && packing.compression === null) return { path: file, isFolder: false };
  const unpacked = join(work, "unpacked");
  await unpack(file, packing, unpacked);
  if (packing.archive === null) return { path: join(unpacked, packing.plainName), isFolder: false };
  return within({ path: unpacked, isFolder: true }, source);
}

async function fileOf(
  { kind, url, filename }: ArtifactSource,
  { GetterHeaders, GetterInsecure }: TaskArtifact,
  { references }: TaskFiles,
  work: string,
  signal: AbortSignal,
): Promise<string> {
  if (kind === "file") return url;
  const name = filename ?? (decodeURIComponent(basename(new URL(url).pathname)) || "index.html");
  const file = join(work, basename(name));
  const headers = interpolateValues(GetterHeaders, references);
  await download({ url, headers, file, signal, isInsecure: GetterInsecure });
  return file;
}

/** Only what is asked for, without hooks or helpers of the repository's or the machine's. */
async function clone(
  { url, ref, depth }: ArtifactSource,
  work: string,
  signal: AbortSignal,
): Promise<Fetched> {
  const path = join(work, "git");
  const git = (...words: string[]) =>
    command(
      "git",
      ["-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never", "-C", path, ...words],
      {
        timeout: PATIENCE,
        environment: { GIT_TERMINAL_PROMPT: "0" },
      },
    );
  await mkdir(path);
  await git("init", "--quiet");
  signal.throwIfAborted();
  await git("fetch", "--quiet", `--depth=${depth ?? 1}`, "--", url, ref ?? "HEAD");
  await git("checkout", "--quiet", "FETCH_HEAD");
  return { path, isFolder: true };
}

function within({ path }: Fetched, { subfolder }: ArtifactSource): Fetched {
  return { path: subfolder === "" ? path : containedPath(path, subfolder), isFolder: true };
}

/** A folder's content goes into the destination; a file as well, unless the destination is to be the file. */
async function place(
  { path }: Fetched,
  mode: TaskArtifact["GetterMode"],
  destination: string,
): Promise<void> {
  const isFolder = (await lstat(path)).isDirectory();
  if (isFolder && mode === "file") throw new Error('it is a folder, but mode is "file"');
  if (!isFolder && mode === "dir") throw new Error('it is a single file, but mode is "dir"');
  const target = isFolder || mode === "file" ? destination : join(destination, basename(path));
  await mkdir(isFolder ? target : dirname(target), { recursive: true });
  if (isFolder) await cp(path, target, { recursive: true, force: true, verbatimSymlinks: true });
  else await move(path, target);
}

async function move(from: string, to: string): Promise<void> {
  await rename(from, to).catch(() => cp(from, to, { force: true }));
}

async function chownAll(path: string, owner: TaskFiles["owner"]): Promise<void> {
  await lchown(path, owner.uid, owner.gid);
  if (!(await lstat(path)).isDirectory()) return;
  for (const name of await readdir(path)) await chownAll(join(path, name), owner);
}

function reasonOf(error: Error): string {
  if (error.name === "TimeoutError") return "it took longer than 30 minutes";
  const { code, cause } = error as NodeJS.ErrnoException;
  if (code === "ECONNREFUSED") return "nobody listens there";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "its host is not known";
  if (code === "ENOENT") return "there is no such file";
  return cause instanceof Error ? cause.message : error.message;
}

function withoutPassword(source: string): string {
  return source.replace(/(\/\/[^/@:]+):[^/@]+@/, "$1:…@");
}
