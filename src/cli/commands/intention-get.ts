import { consulApi, consulFlags, json } from "../api-flags.ts";
import { command } from "../command.ts";
import type { IntentionView } from "../intention-table.ts";
import { properties } from "../table.ts";

export default command({
  usage: "<source> <destination>",
  help: "Shows one intention.",
  flags: { ...consulFlags, json },
  arity: [2, 2],
  async run({ flags, arguments: [source, destination], terminal, signal }) {
    const query = { source, destination };
    const found = await consulApi(flags).get<IntentionView>("/v1/connect/intentions/exact", {
      query,
      signal,
    });
    if (flags.json) {
      terminal.print(JSON.stringify(found, null, 2));
      return 0;
    }
    const { SourceName, DestinationName, Action, Precedence, Description } = found;
    const lines = properties([
      ["Source", SourceName],
      ["Destination", DestinationName],
      ["Action", Action],
      ["Precedence", String(Precedence)],
      ["Description", Description],
    ]);
    terminal.print(...lines);
    return 0;
  },
});
