import type { Job } from "#model/job/job.ts";
import { nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { detach, followPlacement } from "../monitor/follow.ts";
import { resolveJob } from "../resolve.ts";

export default command({
  usage: "<job>",
  help: "Runs a stopped job again, as it was.",
  flags: {
    ...nomadFlags,
    verbose,
    detach,
  },
  arity: [1, 1],
  async run({ flags, arguments: [name = ""], terminal, signal }) {
    const api = nomadApi(flags);
    const { namespace } = flags;
    const id = await resolveJob(api, name, namespace, signal);
    const job = await api.get<Job>(`/v1/job/${encodeURIComponent(id)}`, { query: { namespace }, signal });
    if (!job.Stop) throw new CommandError(`the job "${id}" is not stopped`);
    const body = { Job: { ...job, Stop: false } };
    const { value } = await api.query<{ EvalID: string }>("/v1/jobs", { method: "PUT", body, signal });
    if (value.EvalID === "" || flags.detach) {
      terminal.print(value.EvalID === "" ? `Job "${id}" is started` : `Evaluation ID: ${value.EvalID}`);
      return 0;
    }
    return followPlacement(api, terminal, value.EvalID, signal);
  },
});
