import type { Deployment } from "#model/deployment.ts";
import { shortId } from "#model/id.ts";
import { json, nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { command } from "../command.ts";
import { deploymentRows, deploymentTable } from "../monitor/deployment.ts";
import { resolveJob } from "../resolve.ts";

export default command({
  usage: "<job>",
  help: "Lists the deployments of a job, the newest first.",
  flags: {
    ...nomadFlags,
    json,
    verbose,
    latest: { kind: "boolean", doc: "Only the newest, in detail." },
  },
  arity: [1, 1],
  async run({ flags, arguments: [name = ""], terminal, signal }) {
    const api = nomadApi(flags);
    const { namespace } = flags;
    const job = await resolveJob(api, name, namespace, signal);
    const path = `/v1/job/${encodeURIComponent(job)}/deployments`;
    const deployments = await api.get<Deployment[]>(path, { query: { namespace }, signal });
    const [latest] = deployments;
    if (flags.json) terminal.print(JSON.stringify(flags.latest ? (latest ?? null) : deployments, null, 2));
    else if (latest === undefined) terminal.print("No deployments found");
    else if (flags.latest) terminal.print(...deploymentTable(latest));
    else terminal.print(...deploymentRows(deployments, flags.verbose ? (id) => id : shortId));
    return 0;
  },
});
