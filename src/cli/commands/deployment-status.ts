import type { Deployment } from "#model/deployment.ts";
import { json, nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { command } from "../command.ts";
import { deploymentTable, monitorDeployment } from "../monitor/deployment.ts";
import { resolveId } from "../resolve.ts";

export default command({
  usage: "<deployment>",
  help: "Shows a deployment: group by group how many instances are placed and healthy, and what it waits for.",
  flags: {
    ...nomadFlags,
    json,
    verbose,
    monitor: { kind: "boolean", doc: "Follow it until it is over." },
  },
  arity: [1, 1],
  async run({ flags, arguments: [name = ""], terminal, signal }) {
    const api = nomadApi(flags);
    const id = await resolveId(api, "deployment", name, signal);
    if (flags.monitor) {
      const { Status } = await monitorDeployment(api, terminal, id, signal);
      return Status === "successful" ? 0 : 1;
    }
    const deployment = await api.get<Deployment>(`/v1/deployment/${id}`, { signal });
    terminal.print(...(flags.json ? [JSON.stringify(deployment, null, 2)] : deploymentTable(deployment)));
    return 0;
  },
});
