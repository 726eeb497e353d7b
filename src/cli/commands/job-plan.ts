import { nomadApi, nomadFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { jobFileFlags, loadJob } from "../job-file.ts";
import { dryRunLines, planExitCode } from "../plan/dry-run.ts";
import { jobDiffLines } from "../plan/job-diff.ts";
import { meshLines } from "../plan/mesh-lines.ts";
import type { PlanView } from "../plan/plan-view.ts";

const failed = 255;

export default command({
  usage: "<path>",
  help: "Shows what running a job file would change, and changes nothing: the fields of the job, its allocations, and the mesh. Exits with 0 when no allocation would be created or destroyed, with 1 when one would, with 255 on errors.",
  flags: {
    ...nomadFlags,
    ...jobFileFlags,
    diff: { kind: "boolean", default: true, doc: "Show what changes in the job. Default true." },
    verbose: { kind: "boolean", doc: "Show also what new and deleted parts consist of." },
    "policy-override": { kind: "boolean", doc: "Accepted for Nomad's scripts; there are no policies." },
  },
  arity: [1, 1],
  async run({ flags, arguments: [path = ""], terminal, signal }) {
    try {
      const { input, job } = await loadJob(path, flags, terminal);
      const api = nomadApi(flags);
      const body = { Job: input, Diff: flags.diff, PolicyOverride: flags["policy-override"] };
      const query = { namespace: job.Namespace };
      const url = `/v1/job/${encodeURIComponent(job.ID)}/plan`;
      const plan = await api.get<PlanView>(url, { method: "PUT", query, body, signal });
      terminal.print(
        ...(plan.Diff === null ? [] : jobDiffLines(plan.Diff, { terminal, verbose: flags.verbose })),
        ...meshLines(plan.Mesh, terminal),
        ...dryRunLines(plan, terminal),
        ...advice(path, plan.JobModifyIndex),
      );
      return planExitCode(plan);
    } catch (error) {
      if (error instanceof CommandError) throw new CommandError(error.message, failed);
      throw error;
    }
  },
});

function advice(path: string, index: number): string[] {
  return [
    `Job Modify Index: ${index}`,
    "To submit the job with version verification run:",
    "",
    `yurt job run -check-index ${index} ${path}`,
    "",
    "With that flag the job is only run if nobody has changed it since: then all that is shown here still holds.",
  ];
}
