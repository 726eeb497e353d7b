import { nomadApi, nomadFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { followEvaluation } from "../monitor/follow.ts";
import { resolveJob } from "../resolve.ts";

export default command({
  usage: "<job> <version>",
  help: "Goes back to an earlier version of a job, which becomes its newest, and follows its deployment. Exits as job run does.",
  flags: {
    ...nomadFlags,
    detach: { kind: "boolean", doc: "Only ask for it; print the evaluation's id." },
  },
  arity: [2, 2],
  async run({ flags, arguments: [name = "", version = ""], terminal, signal }) {
    if (!/^\d{1,15}$/.test(version)) throw new CommandError(`a version is a whole number, not "${version}"`);
    const api = nomadApi(flags);
    const id = await resolveJob(api, name, flags.namespace, signal);
    const { EvalID } = await api.get<{ EvalID: string }>(`/v1/job/${encodeURIComponent(id)}/revert`, {
      method: "PUT",
      query: { namespace: flags.namespace },
      body: { JobID: id, JobVersion: Number(version) },
      signal,
    });
    if (!flags.detach) return followEvaluation(api, terminal, EvalID, signal);
    terminal.print(`Evaluation ID: ${EvalID}`);
    return 0;
  },
});
