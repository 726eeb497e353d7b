import { consulApi, consulFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { readEntryFile } from "../config-entry-file.ts";

export default command({
  usage: "",
  help: "Deletes one config entry: the one that -kind and -name name, or that the file of -filename holds.",
  flags: {
    ...consulFlags,
    kind: { kind: "text", value: "kind", doc: "The kind of the entry." },
    name: { kind: "text", value: "name", doc: "The name of the entry." },
    filename: { kind: "text", value: "path", doc: "A file with the entry, in HCL or JSON." },
    cas: { kind: "boolean", doc: "Only if the entry is still at -modify-index." },
    "modify-index": { kind: "integer", value: "index", default: 0, doc: "The index for -cas." },
  },
  arity: [0, 0],
  async run({ flags: { kind, name, filename, ...flags }, terminal, signal }) {
    if (filename && (kind || name)) throw new CommandError("-filename excludes -kind and -name");
    const entry = filename ? await readEntryFile(filename, terminal) : { Kind: kind, Name: name };
    if (!entry.Kind || !entry.Name) throw new CommandError("-kind and -name must be given, or -filename");
    const path = `/v1/config/${encodeURIComponent(entry.Kind)}/${encodeURIComponent(entry.Name)}`;
    const query = { cas: flags.cas ? flags["modify-index"] : undefined };
    const { value } = await consulApi(flags).query(path, { method: "DELETE", query, signal });
    if (value === false)
      throw new CommandError(
        `${entry.Kind}/${entry.Name} is no longer at index ${flags["modify-index"]}: nothing was deleted`,
      );
    terminal.print(`Config entry deleted: ${entry.Kind}/${entry.Name}`);
    return 0;
  },
});
