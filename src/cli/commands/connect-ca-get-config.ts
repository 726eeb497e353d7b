import { consulApi, consulFlags } from "../api-flags.ts";
import { command } from "../command.ts";

export default command({
  usage: "",
  help: "Shows the configuration of the authority that certifies every proxy, as JSON that connect ca set-config takes. Private keys are never shown.",
  flags: consulFlags,
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    const configuration = await consulApi(flags).get("/v1/connect/ca/configuration", { signal });
    terminal.print(JSON.stringify(configuration, null, 2));
    return 0;
  },
});
