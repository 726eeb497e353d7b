import { ApiError } from "../api-client.ts";
import { nomadApi, nomadFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";

export default command({
  usage: "<path>",
  help: "Deletes a variable for good.",
  flags: {
    ...nomadFlags,
    "check-index": { kind: "integer", value: "index", doc: "Only if the variable is still at that index." },
  },
  arity: [1, 1],
  async run({ flags, arguments: [path = ""], terminal, signal }) {
    const query = { namespace: flags.namespace, cas: flags["check-index"] };
    try {
      await nomadApi(flags).get(`/v1/var/${path}`, { method: "DELETE", query, signal });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409) throw error;
      throw new CommandError(`the variable "${path}" is not at index ${flags["check-index"]} any more`);
    }
    terminal.print(`Successfully purged variable "${path}"!`);
    return 0;
  },
});
