import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { ApiError } from "../api-client.ts";
import { nomadApi, nomadFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { type VariableView, variableLines } from "../variable-view.ts";

export default command({
  usage: "<path> [name=value ...]",
  help: "Writes a variable: named texts that jobs may read. Items that are not named stay. A value of the form @file is read from there; an item named by `-` reads all items as JSON from standard input.",
  flags: {
    ...nomadFlags,
    "check-index": {
      kind: "integer",
      value: "index",
      doc: "Only if the variable is still at that index; 0: if it is new.",
    },
    force: { kind: "boolean", doc: "Also when somebody else has changed it meanwhile." },
    json: { kind: "boolean", doc: "Show what was written as JSON." },
  },
  arity: [1, Number.POSITIVE_INFINITY],
  async run({ flags, arguments: [path = "", ...words], terminal, signal }) {
    const api = nomadApi(flags);
    const url = `/v1/var/${path}`;
    const query = { namespace: flags.namespace };
    const before = await api.get<VariableView>(url, { query, signal }).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    });
    const Items = { ...before?.Items, ...(await readItems(words)) };
    const cas = flags.force ? undefined : (flags["check-index"] ?? before?.ModifyIndex ?? 0);
    try {
      const body = { Namespace: flags.namespace, Path: path, Items };
      const written = await api.get<VariableView>(url, {
        method: "PUT",
        query: { ...query, cas },
        body,
        signal,
      });
      terminal.print(...(flags.json ? [JSON.stringify(written, null, 2)] : variableLines(written)));
      return 0;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409) throw error;
      throw new CommandError(
        `the variable "${path}" is not at index ${cas} any more: somebody has changed it meanwhile. Look at it with "yurt var get ${path}", or use -force`,
      );
    }
  },
});

async function readItems(words: readonly string[]): Promise<Record<string, string>> {
  const parts = await Promise.all(words.map(readItem));
  return Object.assign({}, ...parts);
}

async function readItem(word: string): Promise<Record<string, string>> {
  if (word === "-") return itemsOf(await text(process.stdin), "standard input");
  if (word.startsWith("@")) return itemsOf(await contentOf(word.slice(1)), word.slice(1));
  const equals = word.indexOf("=");
  if (equals < 1) throw new CommandError(`an item is written name=value, not "${word}"`);
  const value = word.slice(equals + 1);
  return { [word.slice(0, equals)]: value.startsWith("@") ? await contentOf(value.slice(1)) : value };
}

async function contentOf(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: Error) => {
    throw new CommandError(`${path} cannot be read: ${error.message}`);
  });
}

/** A whole variable as `var get -out json` shows it, or its items alone. */
function itemsOf(source: string, name: string): Record<string, string> {
  try {
    const read: unknown = JSON.parse(source);
    const items = (read as { Items?: unknown }).Items ?? read;
    if (
      typeof items === "object" &&
      items !== null &&
      Object.values(items).every((item) => typeof item === "string")
    )
      return items as Record<string, string>;
  } catch {
    // Told below.
  }
  throw new CommandError(`${name}: expected a JSON object of texts, such as {"password": "x"}`);
}
