import { nomadApi, nomadFlags } from "../api-flags.ts";
import { command } from "../command.ts";

export default command({
  usage: "<key>",
  help: "Removes a key that signs no more. Its id is wanted in full, as operator root keyring list -verbose shows it. Keys that no token needs any more go by themselves.",
  flags: {
    ...nomadFlags,
    force: {
      kind: "boolean",
      doc: "Even if tokens that it has signed may still be valid: nobody can verify them any more.",
    },
  },
  arity: [1, 1],
  async run({ flags, arguments: [id = ""], terminal, signal }) {
    const path = `/v1/operator/keyring/key/${encodeURIComponent(id)}`;
    const query = { force: flags.force || undefined };
    await nomadApi(flags).get(path, { method: "DELETE", query, signal });
    terminal.print(`Removed encryption key ${id}`);
    return 0;
  },
});
