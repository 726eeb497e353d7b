import { nomadApi, nomadFlags } from "../api-flags.ts";
import { command } from "../command.ts";
import { monitorEvaluation } from "../monitor/evaluation.ts";
import { detach } from "../monitor/follow.ts";
import { resolveJob } from "../resolve.ts";

export default command({
  usage: "<job> [job ...]",
  help: "Stops jobs: their services leave the mesh, then their tasks end. A job is named by its id, or by the beginning of it.",
  flags: {
    ...nomadFlags,
    purge: { kind: "boolean", doc: "Forget the job as well." },
    detach,
    yes: { kind: "boolean", doc: "Accepted for scripts; nothing is asked." },
  },
  arity: [1, 100],
  async run({ flags, arguments: names, terminal, signal }) {
    const api = nomadApi(flags);
    const { namespace, purge } = flags;
    for (const name of names) {
      const id = await resolveJob(api, name, namespace, signal);
      const query = { namespace, ...(purge ? { purge } : {}) };
      const path = `/v1/job/${encodeURIComponent(id)}`;
      const { value } = await api.query<{ EvalID: string }>(path, { method: "DELETE", query, signal });
      if (flags.detach) terminal.print(value.EvalID);
      else await monitorEvaluation(api, terminal, value.EvalID, signal);
    }
    return 0;
  },
});
