import type { Deployment } from "#model/deployment.ts";
import { nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { changeDeployment, detach } from "../change-deployment.ts";
import { CommandError, command } from "../command.ts";
import { resolveJob } from "../resolve.ts";

export default command({
  usage: "<job>",
  help: "Lets the canaries of a job's newest deployment stand: all of them, or those of some groups.",
  flags: {
    ...nomadFlags,
    verbose,
    detach,
    group: { kind: "texts", value: "group", doc: "Only this group; may be given several times." },
  },
  arity: [1, 1],
  async run({ flags, arguments: [name = ""], terminal, signal }) {
    const api = nomadApi(flags);
    const { namespace } = flags;
    const job = await resolveJob(api, name, namespace, signal);
    const path = `/v1/job/${encodeURIComponent(job)}/deployment`;
    const newest = await api.get<Deployment | null>(path, { query: { namespace }, signal });
    if (newest === null) throw new CommandError(`the job "${job}" has no deployment`);
    const body = flags.group.length > 0 ? { Groups: flags.group } : { All: true };
    const change = { action: "promote", id: newest.ID, body, detach: flags.detach } as const;
    return changeDeployment(api, terminal, change, signal);
  },
});
