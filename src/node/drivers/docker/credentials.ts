import { readFile } from "node:fs/promises";
import { command } from "../../host/command.ts";
import { StartError } from "../driver.ts";

/** Where the node finds what registries want to know, for tasks that do not say it themselves. */
export interface CredentialSources {
  /** A file as `docker login` writes it; null for none. */
  readonly configFile: string | null;
  /** The program `docker-credential-<helper>` on PATH; null for none. */
  readonly helper: string | null;
}

/** What goes into `X-Registry-Auth` (Engine API, "Authentication"). */
export interface Credentials {
  readonly username?: string;
  readonly password?: string;
  readonly email?: string;
  readonly identitytoken?: string;
  readonly serveraddress: string;
}

interface ConfigFile {
  readonly auths?: Readonly<Record<string, Entry>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

interface Entry {
  /** `user:password` in base64. */
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

/** The address by which Docker Hub stands in files and is known to helpers. */
const HUB = "https://index.docker.io/v1/";

/** From the first that knows the registry: the file with what it refers to, then the helper. */
export async function findCredentials(
  repository: string,
  { configFile, helper }: CredentialSources,
): Promise<Credentials | null> {
  const registry = registryOf(repository);
  const found = configFile === null ? null : await fromFile(configFile, registry);
  return found ?? (helper === null ? null : await fromHelper(helper, registry));
}

/** The first part of a name is a registry when it looks like a host. */
function registryOf(repository: string): string {
  const [first = "", ...rest] = repository.split("/");
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  return isHost && hostOf(first) !== hostOf(HUB) ? first : HUB;
}

async function fromFile(path: string, registry: string): Promise<Credentials | null> {
  const { auths = {}, credHelpers = {}, credsStore } = await readConfig(path);
  const helper = ofRegistry(credHelpers, registry) ?? credsStore;
  if (helper) return fromHelper(helper, registry);
  const entry = ofRegistry(auths, registry);
  return entry === null ? null : { ...readEntry(entry), serveraddress: registry };
}

async function readConfig(path: string): Promise<ConfigFile> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as ConfigFile;
  } catch (error) {
    // Not the text itself, which holds passwords.
    const reason = error instanceof SyntaxError ? "it is not JSON" : (error as Error).message;
    throw new StartError(`the registries' credentials in ${path} could not be read: ${reason}`);
  }
}

function ofRegistry<Value>(all: Readonly<Record<string, Value>>, registry: string): Value | null {
  return Object.entries(all).find(([name]) => hostOf(name) === hostOf(registry))?.[1] ?? null;
}

/** Files name registries with and without scheme and path; Docker Hub has two hosts. */
function hostOf(registry: string): string {
  const host = registry.replace(/^https?:\/\//, "").split("/")[0] ?? "";
  return host === "index.docker.io" ? "docker.io" : host;
}

function readEntry({ auth, username, password, identitytoken }: Entry): Omit<Credentials, "serveraddress"> {
  if (identitytoken) return { identitytoken };
  if (!auth) return { username: username ?? "", password: password ?? "" };
  const text = Buffer.from(auth, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** By the protocol of docker-credential-helpers: the registry on standard input, JSON on standard output. */
async function fromHelper(helper: string, registry: string): Promise<Credentials | null> {
  const program = `docker-credential-${helper}`;
  const said = await command(program, ["get"], { input: `${registry}\n` }).catch((error: Error) => {
    if (/credentials not found/.test(error.message)) return null;
    throw new StartError(`${program} gives no credentials for ${registry}: ${error.message}`);
  });
  if (said === null) return null;
  const { Username = "", Secret = "" } = parsed(said, program);
  return Username === "<token>"
    ? { identitytoken: Secret, serveraddress: registry }
    : { username: Username, password: Secret, serveraddress: registry };
}

function parsed(text: string, program: string): { readonly Username?: string; readonly Secret?: string } {
  try {
    return JSON.parse(text) as { Username?: string; Secret?: string };
  } catch {
    throw new StartError(`${program} did not answer with JSON`);
  }
}
