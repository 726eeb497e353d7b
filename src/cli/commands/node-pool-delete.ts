import { nomadApi, nomadFlags } from "../api-flags.ts";
import { command } from "../command.ts";

export default command({
  usage: "<pool>",
  help: "Deletes a node pool that has no nodes and no jobs.",
  flags: nomadFlags,
  arity: [1, 1],
  async run({ flags, arguments: [name = ""], terminal, signal }) {
    const path = `/v1/node/pool/${encodeURIComponent(name)}`;
    await nomadApi(flags).query(path, { method: "DELETE", signal });
    terminal.print(`Successfully deleted node pool "${name}"!`);
    return 0;
  },
});
