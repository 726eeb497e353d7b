import { consulApi, consulFlags, json } from "../api-flags.ts";
import { command } from "../command.ts";
import { type IntentionView, intentionTable } from "../intention-table.ts";

export default command({
  usage: "",
  help: "Lists all intentions; where several match, the one with the highest precedence decides.",
  flags: { ...consulFlags, json },
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    const intentions = await consulApi(flags).get<IntentionView[]>("/v1/connect/intentions", { signal });
    if (flags.json) terminal.print(JSON.stringify(intentions, null, 2));
    else terminal.print(...intentionTable(intentions));
    return 0;
  },
});
