import { consulApi, consulFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";

export default command({
  usage: "<key or prefix>",
  help: "Deletes a key, or every key that begins so.",
  flags: {
    ...consulFlags,
    recurse: { kind: "boolean", doc: "Every key that begins so." },
    cas: { kind: "boolean", doc: "Only if the key is still at -modify-index." },
    "modify-index": { kind: "integer", value: "index", default: 0, doc: "The index for -cas." },
  },
  arity: [1, 1],
  async run({ flags, arguments: [key = ""], terminal, signal }) {
    const query = { recurse: flags.recurse || undefined, cas: flags.cas ? flags["modify-index"] : undefined };
    const deleted = await consulApi(flags).get<boolean>(`/v1/kv/${key}`, { method: "DELETE", query, signal });
    if (!deleted)
      throw new CommandError(`the key is no longer at index ${flags["modify-index"]}: nothing was deleted`);
    terminal.print(
      flags.recurse ? `Success! Deleted keys with prefix: ${key}` : `Success! Deleted key: ${key}`,
    );
    return 0;
  },
});
