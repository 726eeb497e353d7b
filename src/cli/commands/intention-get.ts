import { consulApi, consulFlags, json } from "../api-flags.ts";
import { command } from "../command.ts";
import { intentionPlace } from "../intention-argument.ts";
import { type IntentionView, intentionProperties } from "../intention-table.ts";

export default command({
  usage: "<source> <destination> | <id>",
  help: "Shows one intention.",
  flags: { ...consulFlags, json },
  arity: [1, 2],
  async run({ flags, arguments: words, terminal, signal }) {
    const { path, query } = intentionPlace(words);
    const found = await consulApi(flags).get<IntentionView>(path, { query, signal });
    if (flags.json) terminal.print(JSON.stringify(found, null, 2));
    else terminal.print(...intentionProperties(found));
    return 0;
  },
});
