import { ApiError } from "../api-client.ts";
import { consulApi, consulFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";

export default command({
  usage: "<source> <destination>",
  help: "Says whether the service <source> may reach the service <destination>; * stands for every service. It takes effect on the next request.",
  flags: {
    ...consulFlags,
    allow: { kind: "boolean", doc: "Allow it. This is what happens when neither is given." },
    deny: { kind: "boolean", doc: "Deny it." },
    replace: { kind: "boolean", doc: "Write it over an intention that is there already." },
    description: { kind: "text", value: "text", default: "", doc: "For people." },
  },
  arity: [2, 2],
  async run({ flags, arguments: [source = "", destination = ""], terminal, signal }) {
    if (flags.allow && flags.deny) throw new CommandError("-allow and -deny exclude one another");
    const api = consulApi(flags);
    const query = { source, destination };
    const path = "/v1/connect/intentions/exact";
    if (!flags.replace && (await exists(api.get(path, { query, signal })))) {
      throw new CommandError(
        `an intention ${source} => ${destination} is there already. Write over it with -replace`,
      );
    }
    const Action = flags.deny ? "deny" : "allow";
    await api.query(path, { method: "PUT", query, body: { Action, Description: flags.description }, signal });
    terminal.print(`Created: ${source} => ${destination} (${Action})`);
    return 0;
  },
});

async function exists(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}
