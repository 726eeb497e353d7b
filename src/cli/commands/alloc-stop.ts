import { nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { command } from "../command.ts";
import { monitorEvaluation } from "../monitor/evaluation.ts";
import { detach } from "../monitor/follow.ts";
import { resolveId } from "../resolve.ts";

export default command({
  usage: "<allocation>",
  help: "Stops an allocation: its services leave the mesh, its tasks end, and another takes its place.",
  flags: {
    ...nomadFlags,
    verbose,
    detach,
  },
  arity: [1, 1],
  async run({ flags, arguments: [name = ""], terminal, signal }) {
    const api = nomadApi(flags);
    const id = await resolveId(api, "allocation", name, signal);
    const { EvalID } = await api.get<{ EvalID: string }>(`/v1/allocation/${id}/stop`, {
      method: "PUT",
      signal,
    });
    if (flags.detach) terminal.print(EvalID);
    else await monitorEvaluation(api, terminal, EvalID, signal);
    return 0;
  },
});
