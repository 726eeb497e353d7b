import { consulApi, consulFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";

export default command({
  usage: "",
  help: "Lists the names of all config entries of one kind.",
  flags: {
    ...consulFlags,
    kind: { kind: "text", value: "kind", doc: "The kind of the entries." },
    filter: {
      kind: "text",
      value: "expression",
      doc: 'Only entries that fit, such as `Protocol == "http"`.',
    },
  },
  arity: [0, 0],
  async run({ flags: { kind, filter, ...flags }, terminal, signal }) {
    if (!kind) throw new CommandError("-kind must be given");
    const path = `/v1/config/${encodeURIComponent(kind)}`;
    for (const { Name } of await consulApi(flags).get<{ Name: string }[]>(path, {
      query: { filter },
      signal,
    }))
      terminal.print(Name);
    return 0;
  },
});
