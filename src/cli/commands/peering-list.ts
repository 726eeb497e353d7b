import { consulApi, consulFlags } from "../api-flags.ts";
import { command } from "../command.ts";
import { formats, isJson, type PeeringView } from "../peering-view.ts";
import { table } from "../table.ts";

export default command({
  usage: "",
  help: "Lists the peers of this mesh, with how many services each lets it call and may call itself.",
  flags: { ...consulFlags, ...formats },
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    const all = await consulApi(flags).get<PeeringView[]>("/v1/peerings", { signal });
    if (isJson(flags)) terminal.print(JSON.stringify(all, null, 2));
    else if (all.length === 0) terminal.print("There are no peering connections.");
    else
      terminal.print(
        ...table(
          ["Name", "State", "Imported Svcs", "Exported Svcs", "Meta"],
          all.map(({ Name, State, Meta, StreamStatus }) => [
            ...[Name, State],
            ...[StreamStatus.ImportedServices, StreamStatus.ExportedServices].map(
              ({ length }) => `${length}`,
            ),
            Object.entries(Meta)
              .map((pair) => pair.join("="))
              .join(","),
          ]),
        ),
      );
    return 0;
  },
});
