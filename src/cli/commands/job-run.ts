import type { Deployment } from "#model/deployment.ts";
import type { Evaluation } from "#model/evaluation.ts";
import { nomadApi, nomadFlags } from "../api-flags.ts";
import { command, type ExitCode } from "../command.ts";
import { jobFileFlags, loadJob } from "../job-file.ts";
import { monitorDeployment } from "../monitor/deployment.ts";
import { monitorEvaluation } from "../monitor/evaluation.ts";

interface Registered {
  readonly EvalID: string;
  readonly Warnings: string;
}

export default command({
  usage: "<path>",
  help: "Runs the job that a file describes (- reads standard input), or brings a running job to what the file says. Follows the deployment and exits with 0 when it is healthy, with 2 when not all of it could be placed, with 1 on any other failure.",
  flags: {
    ...nomadFlags,
    ...jobFileFlags,
    detach: { kind: "boolean", doc: "Only submit the job; print the evaluation's id." },
    "check-index": {
      kind: "integer",
      value: "index",
      doc: "Only if the job is still at this index; 0 for a new job.",
    },
    output: { kind: "boolean", doc: "Submit nothing; print the job as the API takes it." },
  },
  arity: [1, 1],
  async run({ flags, arguments: [path = ""], terminal, signal }): Promise<ExitCode> {
    const { input } = await loadJob(path, flags, terminal);
    if (flags.output) {
      terminal.print(JSON.stringify({ Job: input }, null, 2));
      return 0;
    }
    const api = nomadApi(flags);
    const index = flags["check-index"];
    const body = {
      Job: input,
      ...(index === undefined ? {} : { EnforceIndex: true, JobModifyIndex: index }),
    };
    const registered = await api.query<Registered>("/v1/jobs", { method: "PUT", body, signal });
    const { EvalID } = registered.value;
    if (flags.detach) {
      terminal.print("Job registration successful");
      terminal.print(`Evaluation ID: ${EvalID}`);
      return 0;
    }
    const { evaluation } = await monitorEvaluation(api, terminal, EvalID, signal);
    if (Object.keys(evaluation.FailedTGAllocs).length > 0) return 2;
    if (evaluation.Status !== "complete") return 1;
    const deployment = await deploymentOf(evaluation);
    return deployment === null ||
      (await monitorDeployment(api, terminal, deployment, signal)).Status === "successful"
      ? 0
      : 1;

    async function deploymentOf({ JobID, Namespace }: Evaluation): Promise<string | null> {
      const query = { namespace: Namespace };
      const newest = await api.get<Deployment | null>(`/v1/job/${encodeURIComponent(JobID)}/deployment`, {
        query,
        signal,
      });
      return newest === null || newest.Status === "cancelled" ? null : newest.ID;
    }
  },
});
