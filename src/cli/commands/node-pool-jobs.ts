import { json, nomadApi, nomadFlags } from "../api-flags.ts";
import { command } from "../command.ts";
import { table } from "../table.ts";
import type { JobListing } from "../views.ts";

export default command({
  usage: "<pool>",
  help: "Lists the jobs of a node pool.",
  flags: { ...nomadFlags, json },
  arity: [1, 1],
  async run({ flags, arguments: [name = ""], terminal, signal }) {
    const path = `/v1/node/pool/${encodeURIComponent(name)}/jobs`;
    const jobs = await nomadApi(flags).get<JobListing[]>(path, { signal });
    const rows = jobs.map(({ ID, Type, Priority, Status }) => [ID, Type, String(Priority), Status]);
    if (flags.json) terminal.print(JSON.stringify(jobs, null, 2));
    else
      terminal.print(
        ...(rows.length === 0 ? ["No jobs"] : table(["ID", "Type", "Priority", "Status"], rows)),
      );
    return 0;
  },
});
