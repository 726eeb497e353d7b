import { consulApi, consulFlags, json } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { type IntentionView, intentionTable } from "../intention-table.ts";

export default command({
  usage: "<service>",
  help: "Lists the intentions that can decide about requests to a service, the first to decide standing first.",
  flags: {
    ...consulFlags,
    json,
    source: { kind: "boolean", doc: "Requests from the service instead." },
    destination: {
      kind: "boolean",
      doc: "Requests to the service. This is what happens when neither is given.",
    },
  },
  arity: [1, 1],
  async run({ flags, arguments: [name = ""], terminal, signal }) {
    if (flags.source && flags.destination)
      throw new CommandError("-source and -destination exclude one another");
    const query = { by: flags.source ? "source" : "destination", name };
    const found = await consulApi(flags).get<Record<string, IntentionView[]>>(
      "/v1/connect/intentions/match",
      { query, signal },
    );
    if (flags.json) terminal.print(JSON.stringify(found, null, 2));
    else terminal.print(...intentionTable(found[name] ?? []));
    return 0;
  },
});
