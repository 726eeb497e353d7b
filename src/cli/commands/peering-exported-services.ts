import { consulApi, consulFlags } from "../api-flags.ts";
import { command } from "../command.ts";
import { formats, isJson, peeringName, requiredName } from "../peering-view.ts";
import { table } from "../table.ts";

interface ExportedView {
  readonly Service: string;
  readonly Consumers: { readonly Peers: readonly string[] };
}

export default command({
  usage: "",
  help: "Lists the services that a peer may call, by the exported-services entry.",
  flags: { ...consulFlags, ...peeringName, ...formats },
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    const name = requiredName(flags.name);
    const api = consulApi(flags);
    await api.get(`/v1/peering/${encodeURIComponent(name)}`, { signal });
    const all = await api.get<ExportedView[]>("/v1/exported-services", { signal });
    const names = all.filter(({ Consumers }) => Consumers.Peers.includes(name)).map(({ Service }) => Service);
    if (isJson(flags)) terminal.print(JSON.stringify(names, null, 2));
    else if (names.length === 0) terminal.print(`No service is exported to ${name}.`);
    else
      terminal.print(
        ...table(
          ["Service"],
          names.map((each) => [each]),
        ),
      );
    return 0;
  },
});
