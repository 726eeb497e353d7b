import { nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { command } from "../command.ts";
import { detach, followPlacement } from "../monitor/follow.ts";
import { resolveJob } from "../resolve.ts";

export default command({
  usage: "<job>",
  help: "Launches a periodic job at once, whatever its times.",
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
    const path = `/v1/job/${encodeURIComponent(id)}/periodic/force`;
    const { value } = await api.query<{ EvalID: string }>(path, {
      method: "PUT",
      query: { namespace },
      signal,
    });
    if (flags.detach) {
      terminal.print(`Force periodic successful`, `Evaluation ID: ${value.EvalID}`);
      return 0;
    }
    return followPlacement(api, terminal, value.EvalID, signal);
  },
});
