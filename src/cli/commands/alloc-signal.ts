import { shortId } from "#model/id.ts";
import { nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { command } from "../command.ts";
import { resolveId } from "../resolve.ts";

export default command({
  usage: "<allocation> [task]",
  help: "Sends a signal to the tasks of an allocation, or to one of them.",
  flags: {
    ...nomadFlags,
    verbose,
    s: { kind: "text", value: "signal", default: "SIGKILL", doc: "The signal." },
    task: { kind: "text", value: "task", doc: "Only this task." },
  },
  arity: [1, 2],
  async run({ flags, arguments: [name = "", taskName], terminal, signal }) {
    const api = nomadApi(flags);
    const id = await resolveId(api, "allocation", name, signal);
    const body = { Task: taskName ?? flags.task ?? "", Signal: flags.s };
    await api.get(`/v1/client/allocation/${id}/signal`, { method: "PUT", body, signal });
    terminal.print(`Signal ${flags.s} sent to allocation "${shortId(id)}"`);
    return 0;
  },
});
