import { createReadStream, existsSync } from "node:fs";
import { StartError, type TaskLaunch, type Tell } from "../driver.ts";
import { type CredentialSources, type Credentials, findCredentials } from "./credentials.ts";
import type { DockerConfig } from "./docker-config.ts";
import { type Engine, EngineError } from "./engine.ts";
import { taskPath } from "./task-path.ts";

interface ImageDetails {
  readonly Id: string;
  readonly Config: { readonly Entrypoint?: readonly string[] | null } | null;
}

/** One line of the stream in which the daemon tells how far it is. */
interface Progress {
  readonly stream?: string;
  readonly status?: string;
  readonly error?: string;
}

export interface ProvidedImage {
  readonly id: string;
  /** Whether it was not on the node before. */
  readonly isBrought: boolean;
}

/** Makes sure that the daemon has the image: from an archive in the task's folder, or from its registry. */
export async function provideImage(
  engine: Engine,
  config: DockerConfig,
  sources: CredentialSources,
  launch: TaskLaunch,
  tell: Tell,
): Promise<ProvidedImage> {
  const before = await findImage(engine, config.image);
  if (config.load !== null) await loadArchive(engine, config.image, config.load, launch, tell);
  else await pullIfNeeded(engine, config, sources, before !== null, tell);
  const now = await findImage(engine, config.image);
  return { id: now?.Id ?? config.image, isBrought: now !== null && now.Id !== before?.Id };
}

async function pullIfNeeded(
  engine: Engine,
  config: DockerConfig,
  sources: CredentialSources,
  isHere: boolean,
  tell: Tell,
): Promise<void> {
  const { image, forcePull } = config;
  if (isHere && !forcePull && !isMutable(image)) return;
  tell(`Downloading image ${image}`);
  try {
    await pull(engine, config, sources);
  } catch (error) {
    if (!isHere || forcePull || !(error instanceof StartError)) throw error;
    tell(`${error.message}; the one that is on the node is used`);
  }
}

function findImage(engine: Engine, image: string): Promise<ImageDetails | null> {
  return engine.find<ImageDetails>(`/images/${image}/json`);
}

/** A tag may come to stand for another image; by convention `latest`, also where no tag is given, does so often. */
function isMutable(image: string): boolean {
  const { tag, digest } = parts(image);
  return digest === null && (tag === null || tag === "latest");
}

/** A colon before the last slash belongs to the registry's address. */
function parts(image: string): { repository: string; tag: string | null; digest: string | null } {
  const [name = "", digest = null] = image.split("@");
  const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
  return colon < 0
    ? { repository: name, tag: null, digest }
    : { repository: name.slice(0, colon), tag: name.slice(colon + 1), digest };
}

async function pull(engine: Engine, config: DockerConfig, sources: CredentialSources): Promise<void> {
  const { image, authSoftFail } = config;
  let hasFound = true;
  try {
    const auth = ownCredentials(config) ?? (await findCredentials(parts(image).repository, sources));
    hasFound = auth !== null;
    await pullWith(engine, config, auth);
  } catch (error) {
    if (!hasFound || !authSoftFail) throw failure(image, error);
    await pullWith(engine, config, null).catch((second) => {
      throw failure(image, second);
    });
  }
}

function ownCredentials({ auth }: DockerConfig): Credentials | null {
  if (auth === null) return null;
  const { serverAddress, ...rest } = auth;
  return { ...rest, serveraddress: serverAddress };
}

async function pullWith(
  engine: Engine,
  { image, pullTimeout }: DockerConfig,
  auth: Credentials | null,
): Promise<void> {
  const { repository, tag, digest } = parts(image);
  const query = { fromImage: repository, tag: digest ?? tag ?? "latest" };
  const headers = auth === null ? {} : { "X-Registry-Auth": encoded(auth) };
  const signal = AbortSignal.timeout(pullTimeout);
  await readProgress(await engine.stream("/images/create", { method: "POST", query, headers, signal }));
}

/** The daemon wants the padding that `base64url` leaves out, and takes what it cannot read for nothing. */
function encoded(auth: Credentials): string {
  const text = Buffer.from(JSON.stringify(auth)).toString("base64");
  return text.replaceAll("+", "-").replaceAll("/", "_");
}

function failure(image: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StartError) return error;
  const isLate = error.name === "AbortError" || error.name === "TimeoutError";
  const reason = isLate ? "it took longer than image_pull_timeout" : error.message;
  const isRefused = error instanceof EngineError && [400, 401, 403, 404].includes(error.status);
  return new StartError(`the image "${image}" could not be pulled: ${reason}`, { isPassing: !isRefused });
}

async function loadArchive(
  engine: Engine,
  image: string,
  archive: string,
  { folder }: TaskLaunch,
  tell: Tell,
): Promise<void> {
  tell(`Loading image ${image} from ${archive}`);
  const path = await taskPath(archive, folder);
  if (!existsSync(path))
    throw new StartError(
      `the image archive "${archive}" could not be loaded: there is no such file at ${path}`,
    );
  const stream = createReadStream(path);
  const said = await engine
    .stream("/images/load", { method: "POST", query: { quiet: true }, stream })
    .then(readProgress)
    .catch((error: Error) => {
      throw new StartError(`the image archive "${archive}" could not be loaded: ${error.message}`);
    });
  if ((await findImage(engine, image)) !== null) return;
  throw new StartError(`the archive "${archive}" does not hold the image "${image}" (${said})`);
}

/** Reads to the end and gives the last thing that was said. A failure comes as the last line of a success. */
async function readProgress(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let rest = "";
  let last = "";
  for await (const chunk of stream) {
    const lines = (rest + Buffer.from(chunk).toString("utf8")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines.filter((text) => text.trim() !== "")) last = readLine(line);
  }
  return rest.trim() === "" ? last : readLine(rest);
}

function readLine(line: string): string {
  const { error, stream, status } = JSON.parse(line) as Progress;
  if (error !== undefined) throw new Error(error);
  return (stream ?? status ?? "").trim();
}
