import { setTimeout as pause } from "node:timers/promises";
import { shortId } from "#model/id.ts";
import type { ApiClient } from "../api-client.ts";
import { nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { say } from "../monitor/evaluation.ts";
import { resolveJob } from "../resolve.ts";
import type { AllocationView } from "../views.ts";

export default command({
  usage: "<job>",
  help: "Restarts the tasks of a job where they are, or with -reschedule replaces its allocations; a few at a time.",
  flags: {
    ...nomadFlags,
    verbose,
    group: { kind: "texts", value: "group", doc: "Only this group; may be given several times." },
    task: { kind: "texts", value: "task", doc: "Only this task; may be given several times." },
    "all-tasks": {
      kind: "boolean",
      doc: "Accepted for scripts: all tasks are restarted unless -task names some.",
    },
    reschedule: { kind: "boolean", doc: "Stop the allocations, so that others take their places." },
    "batch-size": { kind: "text", value: "n or n%", default: "1", doc: "How many at a time." },
    "batch-wait": {
      kind: "text",
      value: "duration",
      default: "0s",
      doc: "The pause between two batches, such as 10s.",
    },
    "on-error": {
      kind: "text",
      value: "ask|fail",
      default: "fail",
      doc: "What happens after a failure: the command ends.",
    },
    yes: { kind: "boolean", doc: "Accepted for scripts; nothing is asked." },
  },
  arity: [1, 1],
  async run({ flags, arguments: [name = ""], terminal, signal }) {
    const api = nomadApi(flags);
    const { namespace } = flags;
    const id = await resolveJob(api, name, namespace, signal);
    const path = `/v1/job/${encodeURIComponent(id)}/allocations`;
    const all = await api.get<AllocationView[]>(path, { query: { namespace }, signal });
    const running = all.filter(
      ({ ClientStatus, DesiredStatus, TaskGroup }) =>
        ClientStatus === "running" &&
        DesiredStatus === "run" &&
        (flags.group.length === 0 || flags.group.includes(TaskGroup)),
    );
    if (running.length === 0) throw new CommandError(`nothing of the job "${id}" runs`);
    const size = batchSize(flags["batch-size"], running.length);
    const wait = seconds(flags["batch-wait"]);
    for (let start = 0; start < running.length; start += size) {
      if (start > 0) await pause(wait, undefined, { signal });
      const batch = running.slice(start, start + size);
      await Promise.all(
        batch.map(async ({ ID }) => {
          if (flags.reschedule) await replace(api, ID, signal);
          else await restart(api, ID, flags.task, signal);
          say(terminal, "   ", `Allocation "${shortId(ID)}" ${flags.reschedule ? "replaced" : "restarted"}`);
        }),
      );
    }
    return 0;
  },
});

async function restart(
  api: ApiClient,
  id: string,
  tasks: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (const TaskName of tasks.length === 0 ? [""] : tasks) {
    await api.query(`/v1/client/allocation/${id}/restart`, { method: "PUT", body: { TaskName }, signal });
  }
}

/** Returns when what took its place runs. */
async function replace(api: ApiClient, id: string, signal: AbortSignal): Promise<void> {
  const { value } = await api.query<{ EvalID: string }>(`/v1/allocation/${id}/stop`, {
    method: "PUT",
    signal,
  });
  for (let index = 0; ; ) {
    const query = { index, wait: "60s" };
    const answer = await api.query<AllocationView[]>(`/v1/evaluation/${value.EvalID}/allocations`, {
      query,
      signal,
    });
    index = answer.index;
    const [fresh] = answer.value;
    if (fresh?.ClientStatus === "running") return;
    if (fresh?.ClientStatus === "failed")
      throw new CommandError(`allocation ${fresh.ID}, which took its place, has failed`);
  }
}

function batchSize(text: string, count: number): number {
  const [, amount, percent] = /^(\d{1,6})(%?)$/.exec(text) ?? [];
  if (amount === undefined || Number(amount) === 0) {
    throw new CommandError(`flag -batch-size is a number or a percentage such as 25%, not "${text}"`);
  }
  return percent === "%" ? Math.max(1, Math.floor((count * Number(amount)) / 100)) : Number(amount);
}

/** Milliseconds. */
function seconds(text: string): number {
  const [, amount, unit] = /^(\d{1,6})(ms|s|m|h)$/.exec(text) ?? [];
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const size = units[unit ?? ""];
  if (amount === undefined || size === undefined) {
    throw new CommandError(`flag -batch-wait is a duration such as 10s, not "${text}"`);
  }
  return Number(amount) * size;
}
