import { job as jobSchema } from "#model/job/job.ts";
import { spreadOut } from "#model/schema/spread-out.ts";
import { nomadApi, nomadFlags } from "../api-flags.ts";
import { command, type ExitCode, type FlagValues } from "../command.ts";
import { jobFileFlags, loadJob, readJob, tell } from "../job-file.ts";
import { followEvaluation } from "../monitor/follow.ts";
import type { Terminal } from "../terminal.ts";

interface Registered {
  readonly EvalID: string;
  readonly Warnings: string;
  readonly Remarks?: readonly string[];
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
    "eval-priority": { kind: "integer", value: "1-100", doc: "Of the evaluation, in place of the job's." },
    "preserve-counts": { kind: "boolean", doc: "The groups keep the counts that they have, as scaled." },
    "preserve-resources": { kind: "boolean", doc: "The tasks keep the resources that they have." },
    verbose: { kind: "boolean", doc: "Accepted for scripts; ids are shown as they are needed." },
    output: { kind: "boolean", doc: "Submit nothing; print the job as the API takes it." },
  },
  arity: [1, 1],
  async run({ flags, arguments: [path = ""], terminal, signal }): Promise<ExitCode> {
    if (flags.output) return printJob(path, flags, terminal);
    const { input, submission } = await loadJob(path, flags, terminal);
    const api = nomadApi(flags);
    const index = flags["check-index"];
    const body = {
      Job: input,
      ...(index === undefined ? {} : { EnforceIndex: true, JobModifyIndex: index }),
      PreserveCounts: flags["preserve-counts"],
      PreserveResources: flags["preserve-resources"],
      EvalPriority: flags["eval-priority"] ?? 0,
      Submission: submission,
    };
    const registered = await api.query<Registered>("/v1/jobs", { method: "PUT", body, signal });
    const { EvalID, Remarks = [] } = registered.value;
    for (const remark of Remarks) terminal.say(terminal.style("yellow", `! ${remark}`));
    if (flags.detach || EvalID === "") {
      terminal.print("Job registration successful");
      // What only launches others is not evaluated itself.
      if (EvalID !== "") terminal.print(`Evaluation ID: ${EvalID}`);
      return 0;
    }
    return followEvaluation(api, terminal, EvalID, signal);
  },
});

/** The job as it is written, right or not: as long as it can be read. */
async function printJob(
  path: string,
  flags: FlagValues<typeof jobFileFlags>,
  terminal: Terminal,
): Promise<ExitCode> {
  const loaded = await readJob(path, flags);
  tell(terminal, loaded);
  if (loaded.input === null) return 1;
  terminal.print(JSON.stringify({ Job: spreadOut(jobSchema, loaded.input) }, null, 4));
  return 0;
}
