import { nomadApi, nomadFlags } from "../api-flags.ts";
import { chooseTask } from "../choose-task.ts";
import { command } from "../command.ts";
import { execInTask } from "../exec-session.ts";

export default command({
  usage: "<allocation> <command> [arguments ...]",
  help: "Runs a command inside a running task, in its file system and its network namespace, and exits with its code. Standard input goes to it.",
  flags: {
    ...nomadFlags,
    task: {
      kind: "text",
      value: "task",
      doc: "The task; may be left out where there is only one beside the proxies.",
    },
    i: { kind: "boolean", default: true, doc: "Pass standard input on." },
    t: {
      kind: "boolean",
      default: process.stdin.isTTY === true && process.stdout.isTTY === true,
      doc: "Give the command a terminal.",
    },
  },
  arity: [2, Number.POSITIVE_INFINITY],
  passesFlagsOn: true,
  async run({ flags, arguments: [name = "", ...words], signal }) {
    const api = nomadApi(flags);
    const { allocation, task } = await chooseTask(api, name, flags.task, signal);
    return execInTask(api.address, {
      allocation,
      task,
      command: words,
      tty: flags.t,
      stdin: flags.i,
      signal,
    });
  },
});
