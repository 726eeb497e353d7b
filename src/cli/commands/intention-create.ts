import { readFile } from "node:fs/promises";
import { type ApiClient, ApiError } from "../api-client.ts";
import { consulApi, consulFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";

const PATH = "/v1/connect/intentions/exact";

/** An intention as the API takes it. */
interface WrittenIntention {
  readonly SourceName?: string;
  readonly DestinationName?: string;
  readonly Action?: string;
}

export default command({
  usage: "<source> <destination> | -file <path ...>",
  help: "Says whether the service <source> may reach the service <destination>; * stands for every service. It takes effect on the next request. With -file each path holds one intention as JSON, which may have Permissions.",
  flags: {
    ...consulFlags,
    allow: { kind: "boolean", doc: "Allow it. This is what happens when neither is given." },
    deny: { kind: "boolean", doc: "Deny it." },
    meta: { kind: "texts", value: "key=value", doc: "A fact for people and programs; may be repeated." },
    description: { kind: "text", value: "text", default: "", doc: "For people." },
    file: { kind: "boolean", doc: "The arguments are files that hold intentions." },
    replace: { kind: "boolean", doc: "Write it over an intention that is there already." },
  },
  arity: [1, 1000],
  async run({ flags, arguments: words, terminal, signal }) {
    if (flags.allow && flags.deny) throw new CommandError("-allow and -deny exclude one another");
    const api = consulApi(flags);
    const written = flags.file ? await Promise.all(words.map(fromFile)) : [fromFlags(words, flags)];
    for (const intention of written) {
      await create(api, intention, flags.replace, signal);
      const { SourceName, DestinationName, Action = "by its permissions" } = intention;
      terminal.print(`Created: ${SourceName} => ${DestinationName} (${Action})`);
    }
    return 0;
  },
});

async function create(
  api: ApiClient,
  intention: WrittenIntention,
  replace: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { SourceName: source, DestinationName: destination } = intention;
  const query = { source, destination };
  if (!replace && (await exists(api.get(PATH, { query, signal })))) {
    throw new CommandError(
      `an intention ${source} => ${destination} is there already. Write over it with -replace`,
    );
  }
  await api.query(PATH, { method: "PUT", query, body: intention, signal });
}

function fromFlags(
  words: readonly string[],
  flags: { readonly deny: boolean; readonly description: string; readonly meta: readonly string[] },
): WrittenIntention {
  const [SourceName, DestinationName] = words;
  if (words.length !== 2)
    throw new CommandError(`expected a source and a destination, but found ${words.length} arguments`);
  return {
    ...{ SourceName, DestinationName, Action: flags.deny ? "deny" : "allow" },
    ...{ Description: flags.description, Meta: Object.fromEntries(flags.meta.map(pairOf)) },
  } as WrittenIntention;
}

function pairOf(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new CommandError(`-meta is key=value, not "${text}"`);
  return [text.slice(0, at), text.slice(at + 1)];
}

async function fromFile(path: string): Promise<WrittenIntention> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`${path} cannot be read: ${error.code}`);
  });
  try {
    return JSON.parse(text) as WrittenIntention;
  } catch (error) {
    throw new CommandError(`${path} is not JSON: ${(error as Error).message}`);
  }
}

async function exists(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}
