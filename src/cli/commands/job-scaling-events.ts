import type { ScalingEvent } from "#model/scaling-event.ts";
import { json, nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { command } from "../command.ts";
import { resolveJob } from "../resolve.ts";
import { table } from "../table.ts";
import { timestamp } from "../time.ts";

interface Scaling {
  readonly TaskGroups: Readonly<Record<string, { readonly Events: readonly ScalingEvent[] }>>;
}

export default command({
  usage: "<job>",
  help: "Shows how the counts of a job's groups were changed, the newest first.",
  flags: { ...nomadFlags, json, verbose },
  arity: [1, 1],
  async run({ flags, arguments: [name = ""], terminal, signal }) {
    const api = nomadApi(flags);
    const { namespace } = flags;
    const id = await resolveJob(api, name, namespace, signal);
    const path = `/v1/job/${encodeURIComponent(id)}/scale`;
    const { TaskGroups } = await api.get<Scaling>(path, { query: { namespace }, signal });
    const events = Object.entries(TaskGroups)
      .flatMap(([group, { Events }]) => Events.map((event) => ({ group, event })))
      .sort((a, b) => b.event.Time - a.event.Time);
    const rows = events.map(({ group, event }) => [
      group,
      event.Count === null ? "" : String(event.Count),
      String(event.PreviousCount),
      timestamp(new Date(event.Time / 1e6)),
      event.Message,
    ]);
    if (flags.json) terminal.print(JSON.stringify(events, null, 2));
    else if (events.length === 0) terminal.print("No events found");
    else terminal.print(...table(["Task Group", "Count", "PrevCount", "Date", "Message"], rows));
    return 0;
  },
});
