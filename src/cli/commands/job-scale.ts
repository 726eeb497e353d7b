import type { Job } from "#model/job/job.ts";
import { nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { detach, followPlacement } from "../monitor/follow.ts";
import { resolveJob } from "../resolve.ts";

export default command({
  usage: "<job> [group] <count>",
  help: "Changes how many instances of a group run. The group may be left out where the job has only one.",
  flags: {
    ...nomadFlags,
    verbose,
    detach,
  },
  arity: [2, 3],
  async run({ flags, arguments: words, terminal, signal }) {
    const api = nomadApi(flags);
    const { namespace } = flags;
    const [name = "", group, count] = words.length === 3 ? words : [words[0], undefined, words[1]];
    if (!/^\d{1,9}$/.test(count ?? "")) throw new CommandError(`the count is a whole number, not "${count}"`);
    const id = await resolveJob(api, name, namespace, signal);
    const Group = group ?? (await onlyGroup(id));
    const body = { Count: Number(count), Target: { Group }, Message: "submitted using the Yurt CLI" };
    const path = `/v1/job/${encodeURIComponent(id)}/scale`;
    const { value } = await api.query<{ EvalID: string }>(path, {
      method: "PUT",
      query: { namespace },
      body,
      signal,
    });
    if (flags.detach) {
      terminal.print(`Evaluation ID: ${value.EvalID}`);
      return 0;
    }
    return followPlacement(api, terminal, value.EvalID, signal);

    async function onlyGroup(job: string): Promise<string> {
      const { TaskGroups } = await api.get<Job>(`/v1/job/${encodeURIComponent(job)}`, {
        query: { namespace },
        signal,
      });
      const names = TaskGroups.map(({ Name }) => Name);
      const [only, ...others] = names;
      if (only !== undefined && others.length === 0) return only;
      throw new CommandError(`the job has several groups; name one of them: ${names.join(", ")}`);
    }
  },
});
