import { consulApi, consulFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";

export default command({
  usage: "",
  help: "Shows one config entry as JSON.",
  flags: {
    ...consulFlags,
    kind: { kind: "text", value: "kind", doc: "The kind of the entry." },
    name: { kind: "text", value: "name", doc: "The name of the entry." },
  },
  arity: [0, 0],
  async run({ flags: { kind, name, ...flags }, terminal, signal }) {
    if (!kind || !name) throw new CommandError("-kind and -name must be given");
    const path = `/v1/config/${encodeURIComponent(kind)}/${encodeURIComponent(name)}`;
    terminal.print(JSON.stringify(await consulApi(flags).get(path, { signal }), null, 2));
    return 0;
  },
});
