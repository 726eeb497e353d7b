import { json, nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { command } from "../command.ts";
import { allocationTable } from "../monitor/allocations.ts";
import { resolveJob } from "../resolve.ts";
import type { AllocationView } from "../views.ts";

export default command({
  usage: "<job>",
  help: "Lists the allocations of a job.",
  flags: {
    ...nomadFlags,
    json,
    verbose,
    all: { kind: "boolean", doc: "Also those of an earlier job of the same name." },
  },
  arity: [1, 1],
  async run({ flags, arguments: [name = ""], terminal, signal }) {
    const api = nomadApi(flags);
    const { namespace, all } = flags;
    const job = await resolveJob(api, name, namespace, signal);
    const path = `/v1/job/${encodeURIComponent(job)}/allocations`;
    const allocations = await api.get<AllocationView[]>(path, { query: { namespace, all }, signal });
    if (flags.json) terminal.print(JSON.stringify(allocations, null, 2));
    else terminal.print(...allocationTable(allocations, flags.verbose));
    return 0;
  },
});
