import { consulApi, consulFlags } from "../api-flags.ts";
import { command } from "../command.ts";
import { printRoots, type RootList } from "../root-table.ts";

export default command({
  usage: "",
  help: "Makes a new root certificate of the same kind follow the one that signs now. Traffic goes on: the old root vouches for the new one, and is trusted until its last certificate is over.",
  flags: consulFlags,
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    const { value } = await consulApi(flags).query<RootList>("/v1/connect/ca/rotate", {
      method: "PUT",
      signal,
    });
    printRoots(terminal, value);
    return 0;
  },
});
