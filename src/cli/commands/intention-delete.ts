import { consulApi, consulFlags } from "../api-flags.ts";
import { command } from "../command.ts";
import { intentionPlace } from "../intention-argument.ts";

export default command({
  usage: "<source> <destination> | <id>",
  help: "Takes away what was said of <source> reaching <destination>. It takes effect on the next request.",
  flags: consulFlags,
  arity: [1, 2],
  async run({ flags, arguments: words, terminal, signal }) {
    const api = consulApi(flags);
    const { path, query } = intentionPlace(words);
    await api.get(path, { query, signal });
    await api.query(path, { method: "DELETE", query, signal });
    terminal.print("Intention deleted.");
    return 0;
  },
});
