import { shortId } from "#model/id.ts";
import { nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { command } from "../command.ts";
import { resolveId } from "../resolve.ts";

export default command({
  usage: "<allocation> [task]",
  help: "Restarts the tasks of an allocation where they are, or one of them.",
  flags: {
    ...nomadFlags,
    verbose,
    task: { kind: "text", value: "task", doc: "Only this task." },
    "all-tasks": { kind: "boolean", doc: "Every task. This is what happens anyway when none is named." },
  },
  arity: [1, 2],
  async run({ flags, arguments: [name = "", taskName], terminal, signal }) {
    const api = nomadApi(flags);
    const id = await resolveId(api, "allocation", name, signal);
    const TaskName = taskName ?? flags.task ?? "";
    const body = { TaskName, AllTasks: TaskName === "" };
    await api.get(`/v1/client/allocation/${id}/restart`, { method: "PUT", body, signal });
    terminal.print(`Allocation "${shortId(id)}" restarted${TaskName === "" ? "" : `: task "${TaskName}"`}`);
    return 0;
  },
});
