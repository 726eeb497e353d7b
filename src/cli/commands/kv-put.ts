import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { consulApi, consulFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";

export default command({
  usage: "<key> [value]",
  help: "Writes a key. The value may come from a file (@path) or from standard input (-).",
  flags: {
    ...consulFlags,
    cas: { kind: "boolean", doc: "Only if the key is still at -modify-index." },
    "modify-index": {
      kind: "integer",
      value: "index",
      default: 0,
      doc: "The index for -cas; 0 for a key that must be new.",
    },
    flags: { kind: "integer", value: "number", doc: "A number that is kept beside the value." },
  },
  arity: [1, 2],
  async run({ flags, arguments: [key = "", value = ""], terminal, signal }) {
    const query = { cas: flags.cas ? flags["modify-index"] : undefined, flags: flags.flags };
    const bytes = await bytesOf(value);
    const written = await consulApi(flags).get<boolean>(`/v1/kv/${key}`, {
      method: "PUT",
      query,
      bytes,
      signal,
    });
    if (!written)
      throw new CommandError(`the key is no longer at index ${flags["modify-index"]}: nothing was written`);
    terminal.print(`Success! Data written to: ${key}`);
    return 0;
  },
});

async function bytesOf(value: string): Promise<Buffer> {
  if (value === "-") return buffer(process.stdin);
  if (!value.startsWith("@")) return Buffer.from(value);
  return readFile(value.slice(1)).catch((error: Error) => {
    throw new CommandError(`${value.slice(1)} cannot be read: ${error.message}`);
  });
}
