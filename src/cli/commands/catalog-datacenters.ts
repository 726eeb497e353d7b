import { consulApi, consulFlags } from "../api-flags.ts";
import { command } from "../command.ts";

export default command({
  usage: "",
  help: "Lists the datacenters, one a line.",
  flags: consulFlags,
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    terminal.print(...(await consulApi(flags).get<string[]>("/v1/catalog/datacenters", { signal })));
    return 0;
  },
});
