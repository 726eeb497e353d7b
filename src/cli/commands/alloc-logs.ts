import { nomadApi, nomadFlags } from "../api-flags.ts";
import { chooseTask } from "../choose-task.ts";
import { command } from "../command.ts";
import { lastLines } from "../last-lines.ts";

export default command({
  usage: "<allocation> [task]",
  help: "Prints what a task wrote to its standard output. The task may be left out where the allocation has only one beside its proxies.",
  flags: {
    ...nomadFlags,
    f: { kind: "boolean", doc: "Go on as the task writes more, until interrupted." },
    stderr: { kind: "boolean", doc: "The standard error instead." },
    stdout: { kind: "boolean", doc: "The standard output. This is what happens anyway." },
    tail: { kind: "boolean", doc: "Only the end: the last 10 lines or as -n and -c say." },
    n: { kind: "integer", value: "lines", doc: "With -tail: how many lines." },
    c: { kind: "integer", value: "bytes", doc: "With -tail: how many bytes." },
    task: { kind: "text", value: "task", doc: "The task." },
  },
  arity: [1, 2],
  async run({ flags, arguments: [name = "", taskName], signal }) {
    const api = nomadApi(flags);
    const { allocation, task } = await chooseTask(api, name, taskName ?? flags.task, signal);
    const tail = flags.tail || flags.n !== undefined || flags.c !== undefined;
    const lines = flags.n ?? 10;
    const query = {
      task,
      type: flags.stderr ? "stderr" : "stdout",
      follow: flags.f,
      plain: true,
      // Lines are of unknown length: enough is fetched for them, and cut here.
      ...(tail ? { origin: "end", offset: flags.c ?? lines * 1024 } : {}),
    };
    try {
      const response = await api.stream(`/v1/client/fs/logs/${allocation}`, { query, signal });
      let isFirst = tail && flags.c === undefined;
      for await (const chunk of response) {
        const bytes: Buffer = chunk;
        process.stdout.write(isFirst ? lastLines(bytes, lines) : bytes);
        isFirst = false;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return 0;
  },
});
