import type { Evaluation } from "#model/evaluation.ts";
import { shortId } from "#model/id.ts";
import { json, nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { command } from "../command.ts";
import { table } from "../table.ts";

export default command({
  usage: "",
  help: "Lists the evaluations, the newest first.",
  flags: {
    ...nomadFlags,
    json,
    verbose,
    job: { kind: "text", value: "job", doc: "Only those of this job." },
    status: { kind: "text", value: "status", doc: "Only those that are pending, blocked, complete …" },
  },
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    const query = { namespace: flags.namespace, job: flags.job, status: flags.status };
    const evaluations = await nomadApi(flags).get<Evaluation[]>("/v1/evaluations", { query, signal });
    const id = flags.verbose ? (text: string) => text : shortId;
    const rows = evaluations.map((evaluation) => [
      id(evaluation.ID),
      String(evaluation.Priority),
      evaluation.TriggeredBy,
      evaluation.JobID,
      evaluation.Namespace,
      id(evaluation.NodeID),
      evaluation.Status,
      Object.keys(evaluation.FailedTGAllocs).length > 0 ? "true" : "false",
    ]);
    const heading = [
      "ID",
      "Priority",
      "Triggered By",
      "Job ID",
      "Namespace",
      "Node ID",
      "Status",
      "Placement Failures",
    ];
    if (flags.json) terminal.print(JSON.stringify(evaluations, null, 2));
    else if (rows.length === 0) terminal.print("No evals found");
    else terminal.print(...table(heading, rows));
    return 0;
  },
});
