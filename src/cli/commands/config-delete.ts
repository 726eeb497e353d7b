import { consulApi, consulFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";

export default command({
  usage: "",
  help: "Deletes one config entry.",
  flags: {
    ...consulFlags,
    kind: { kind: "text", value: "kind", doc: "The kind of the entry." },
    name: { kind: "text", value: "name", doc: "The name of the entry." },
    cas: { kind: "boolean", doc: "Only if the entry is still at -modify-index." },
    "modify-index": { kind: "integer", value: "index", default: 0, doc: "The index for -cas." },
  },
  arity: [0, 0],
  async run({ flags: { kind, name, ...flags }, terminal, signal }) {
    if (!kind || !name) throw new CommandError("-kind and -name must be given");
    const path = `/v1/config/${encodeURIComponent(kind)}/${encodeURIComponent(name)}`;
    const query = { cas: flags.cas ? flags["modify-index"] : undefined };
    const { value } = await consulApi(flags).query(path, { method: "DELETE", query, signal });
    if (value === false)
      throw new CommandError(
        `${kind}/${name} is no longer at index ${flags["modify-index"]}: nothing was deleted`,
      );
    terminal.print(`Config entry deleted: ${kind}/${name}`);
    return 0;
  },
});
