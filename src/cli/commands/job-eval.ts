import { nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { command } from "../command.ts";
import { detach, followPlacement } from "../monitor/follow.ts";
import { resolveJob } from "../resolve.ts";

export default command({
  usage: "<job>",
  help: "Asks for an evaluation of a job: what it lacks is placed.",
  flags: {
    ...nomadFlags,
    verbose,
    "force-reschedule": {
      kind: "boolean",
      doc: "Failed allocations are replaced at once, whatever their policy.",
    },
    detach,
  },
  arity: [1, 1],
  async run({ flags, arguments: [name = ""], terminal, signal }) {
    const api = nomadApi(flags);
    const { namespace } = flags;
    const JobID = await resolveJob(api, name, namespace, signal);
    const body = { JobID, EvalOptions: { ForceReschedule: flags["force-reschedule"] } };
    const path = `/v1/job/${encodeURIComponent(JobID)}/evaluate`;
    const { value } = await api.query<{ EvalID: string }>(path, {
      method: "PUT",
      query: { namespace },
      body,
      signal,
    });
    if (flags.detach) {
      terminal.print(`Evaluation ID: ${value.EvalID}`);
      return 0;
    }
    return followPlacement(api, terminal, value.EvalID, signal);
  },
});
