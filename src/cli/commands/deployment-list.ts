import type { Deployment } from "#model/deployment.ts";
import { shortId } from "#model/id.ts";
import { json, nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { command } from "../command.ts";
import { deploymentRows } from "../monitor/deployment.ts";

export default command({
  usage: "",
  help: "Lists all deployments, the newest first.",
  flags: { ...nomadFlags, json, verbose },
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    const query = { namespace: flags.namespace };
    const deployments = await nomadApi(flags).get<Deployment[]>("/v1/deployments", { query, signal });
    if (flags.json) terminal.print(JSON.stringify(deployments, null, 2));
    else terminal.print(...deploymentRows(deployments, flags.verbose ? (id) => id : shortId));
    return 0;
  },
});
