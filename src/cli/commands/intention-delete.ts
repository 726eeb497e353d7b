import { consulApi, consulFlags } from "../api-flags.ts";
import { command } from "../command.ts";

export default command({
  usage: "<source> <destination>",
  help: "Takes away what was said of <source> reaching <destination>. It takes effect on the next request.",
  flags: consulFlags,
  arity: [2, 2],
  async run({ flags, arguments: [source, destination], terminal, signal }) {
    const api = consulApi(flags);
    const query = { source, destination };
    await api.get("/v1/connect/intentions/exact", { query, signal });
    await api.query("/v1/connect/intentions/exact", { method: "DELETE", query, signal });
    terminal.print("Intention deleted.");
    return 0;
  },
});
