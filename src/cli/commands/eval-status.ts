import type { Evaluation } from "#model/evaluation.ts";
import { shortId } from "#model/id.ts";
import { json, nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { command } from "../command.ts";
import { allocationTable } from "../monitor/allocations.ts";
import { followPlacement } from "../monitor/follow.ts";
import { placementFailure } from "../monitor/placement.ts";
import { resolveId } from "../resolve.ts";
import { properties } from "../table.ts";
import { ago } from "../time.ts";
import type { AllocationView } from "../views.ts";

export default command({
  usage: "<evaluation>",
  help: "Shows an evaluation: what it was asked for, what it placed, and what stood in the way.",
  flags: {
    ...nomadFlags,
    json,
    verbose,
    monitor: { kind: "boolean", doc: "Follow it until it is over." },
  },
  arity: [1, 1],
  async run({ flags, arguments: [name = ""], terminal, signal }) {
    const api = nomadApi(flags);
    const id = await resolveId(api, "evaluation", name, signal);
    if (flags.monitor) return followPlacement(api, terminal, id, signal);
    const evaluation = await api.get<Evaluation>(`/v1/evaluation/${id}`, { signal });
    if (flags.json) {
      terminal.print(JSON.stringify(evaluation, null, 2));
      return 0;
    }
    const placed = await api.get<AllocationView[]>(`/v1/evaluation/${id}/allocations`, { signal });
    const failures = Object.entries(evaluation.FailedTGAllocs);
    terminal.print(
      ...properties([
        ["ID", flags.verbose ? evaluation.ID : shortId(evaluation.ID)],
        ["Create Time", ago(evaluation.CreateTime)],
        ["Modify Time", ago(evaluation.ModifyTime)],
        ["Status", evaluation.Status],
        ["Status Description", evaluation.StatusDescription || evaluation.Status],
        ["Type", evaluation.Type],
        ["TriggeredBy", evaluation.TriggeredBy],
        ["Job ID", evaluation.JobID],
        ["Namespace", evaluation.Namespace],
        ["Priority", String(evaluation.Priority)],
        ["Placement Failures", String(failures.length > 0)],
        ...(evaluation.BlockedEval === ""
          ? []
          : [["Blocked Eval", shortId(evaluation.BlockedEval)] as const]),
      ]),
    );
    if (failures.length > 0) {
      terminal.print(
        ...["", terminal.style("bold", "Failed Placements")],
        ...failures.flatMap(([group, metric]) => placementFailure(group, metric)),
      );
    }
    terminal.print(
      "",
      terminal.style("bold", "Placed Allocations"),
      ...allocationTable(placed, flags.verbose),
    );
    return 0;
  },
});
