import type { RootKey } from "#model/root-key.ts";
import { json, nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { command } from "../command.ts";
import { rootKeyTable } from "../root-key-table.ts";

export default command({
  usage: "",
  help: "Lists the keys that sign the identities of tasks: one is active; prepublished ones are published and sign at their publish time; inactive ones verify what they have signed, and go when no token needs them any more.",
  flags: { ...nomadFlags, json, verbose },
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    const keys = await nomadApi(flags).get<RootKey[]>("/v1/operator/keyring/keys", { signal });
    const lines = flags.json ? [JSON.stringify(keys, null, 2)] : rootKeyTable(keys, flags.verbose);
    terminal.print(...lines);
    return 0;
  },
});
