import { consulApi, consulFlags } from "../api-flags.ts";
import { command } from "../command.ts";

export default command({
  usage: "<source> <destination>",
  help: "Tells whether the service <source> may reach the service <destination>. Exits with 0 when it may, with 2 when it may not.",
  flags: consulFlags,
  arity: [2, 2],
  async run({ flags, arguments: [source, destination], terminal, signal }) {
    const query = { source, destination };
    const { Allowed } = await consulApi(flags).get<{ Allowed: boolean }>("/v1/connect/intentions/check", {
      query,
      signal,
    });
    terminal.print(Allowed ? "Allowed" : "Denied");
    return Allowed ? 0 : 2;
  },
});
