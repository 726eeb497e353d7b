import { nomadApi, nomadFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { runAction } from "../exec-session.ts";
import { resolveId, resolveJob } from "../resolve.ts";

export default command({
  usage: "<action>",
  help: "Runs a command that a job has given a name, in one of its tasks that run, and exits with its code.",
  flags: {
    ...nomadFlags,
    job: { kind: "text", value: "job", doc: "The job that has the action." },
    group: { kind: "text", value: "group", doc: "Only in this group." },
    task: { kind: "text", value: "task", doc: "Only in this task." },
    allocation: {
      kind: "text",
      value: "allocation",
      doc: "In this allocation; by default in any that runs.",
    },
    i: { kind: "boolean", default: true, doc: "Pass standard input on." },
    t: {
      kind: "boolean",
      default: process.stdin.isTTY === true && process.stdout.isTTY === true,
      doc: "Give the command a terminal.",
    },
  },
  arity: [1, 1],
  async run({ flags, arguments: [action = ""], signal }) {
    const api = nomadApi(flags);
    if (flags.job === undefined) throw new CommandError("name the job of the action with -job=<job>");
    const job = await resolveJob(api, flags.job, flags.namespace, signal);
    const allocID =
      flags.allocation === undefined ? "" : await resolveId(api, "allocation", flags.allocation, signal);
    const query = {
      action,
      allocID,
      group: flags.group ?? "",
      task: flags.task ?? "",
      namespace: flags.namespace,
    };
    return runAction(api.address, { job, query, tty: flags.t, stdin: flags.i, signal });
  },
});
