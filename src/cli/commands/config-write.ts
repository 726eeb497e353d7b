import { configKinds } from "#model/config-entry/config-entry.ts";
import { written } from "#model/schema/written.ts";
import { consulApi, consulFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { readEntryFile } from "../config-entry-file.ts";

export default command({
  usage: "<path>",
  help: "Writes a config entry of the mesh from a file in HCL or JSON (- reads standard input).",
  flags: {
    ...consulFlags,
    cas: { kind: "boolean", doc: "Only if the entry is still at -modify-index." },
    "modify-index": {
      kind: "integer",
      value: "index",
      default: 0,
      doc: "The index for -cas; 0 for an entry that must be new.",
    },
  },
  arity: [1, 1],
  async run({ flags, arguments: [path = ""], terminal, signal }) {
    const entry = await readEntryFile(path, terminal);
    const query = { cas: flags.cas ? flags["modify-index"] : undefined };
    const body = written(configKinds[entry.Kind].schema, entry);
    const { value } = await consulApi(flags).query("/v1/config", { method: "PUT", query, body, signal });
    if (value === false)
      throw new CommandError(`the entry is no longer at index ${flags["modify-index"]}: nothing was written`);
    terminal.print(`Config entry written: ${entry.Kind}/${entry.Name}`);
    return 0;
  },
});
