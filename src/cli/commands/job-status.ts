import type { Deployment } from "#model/deployment.ts";
import type { Evaluation } from "#model/evaluation.ts";
import type { Job } from "#model/job/job.ts";
import type { ApiClient } from "../api-client.ts";
import { json, nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { command } from "../command.ts";
import { allocationTable } from "../monitor/allocations.ts";
import { deploymentTable } from "../monitor/deployment.ts";
import { placementFailure } from "../monitor/placement.ts";
import { resolveJob } from "../resolve.ts";
import { properties, table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { timestamp } from "../time.ts";
import type { AllocationView, GroupSummaryView, JobListing } from "../views.ts";

export default command({
  usage: "[job]",
  help: "Lists the jobs, or shows one of them: its groups, what could not be placed, its deployment and its allocations.",
  flags: {
    ...nomadFlags,
    json,
    verbose,
    short: { kind: "boolean", doc: "Only the job itself, without its allocations." },
  },
  arity: [0, 1],
  async run({ flags, arguments: [name], terminal, signal }) {
    const api = nomadApi(flags);
    const query = { namespace: flags.namespace };
    if (name === undefined) {
      const jobs = await api.get<JobListing[]>("/v1/jobs", { query, signal });
      if (flags.json) terminal.print(JSON.stringify(jobs, null, 2));
      else printJobs(terminal, jobs);
      return 0;
    }
    const id = await resolveJob(api, name, flags.namespace, signal);
    const job = await api.get<Job>(`/v1/job/${encodeURIComponent(id)}`, { query, signal });
    if (flags.json) terminal.print(JSON.stringify(job, null, 2));
    else await printJob(terminal, api, job, flags, signal);
    return 0;
  },
});

function printJobs(terminal: Terminal, jobs: readonly JobListing[]): void {
  if (jobs.length === 0) {
    terminal.print("No running jobs");
    return;
  }
  const rows = jobs.map((job) => [
    job.ID,
    job.Type,
    String(job.Priority),
    job.Stop ? `${job.Status} (stopped)` : job.Status,
    timestamp(new Date(job.SubmitTime / 1e6)),
  ]);
  terminal.print(...table(["ID", "Type", "Priority", "Status", "Submit Date"], rows));
}

async function printJob(
  terminal: Terminal,
  api: ApiClient,
  job: Job,
  options: { readonly verbose: boolean; readonly short: boolean },
  signal: AbortSignal,
): Promise<void> {
  terminal.print(
    ...properties([
      ["ID", job.ID],
      ["Name", job.Name],
      ["Submit Date", timestamp(new Date((job.SubmitTime ?? 0) / 1e6))],
      ["Type", job.Type],
      ["Priority", String(job.Priority)],
      ["Datacenters", job.Datacenters.join(",")],
      ["Namespace", job.Namespace],
      ["Node Pool", job.NodePool],
      ["Status", job.Stop ? `${job.Status} (stopped)` : job.Status],
    ]),
  );
  if (options.short) return;
  const read = <Result>(part: string) =>
    api.get<Result>(`/v1/job/${encodeURIComponent(job.ID)}/${part}`, {
      query: { namespace: job.Namespace },
      signal,
    });
  const [{ Summary }, evaluations, deployment, allocations] = await Promise.all([
    read<{ Summary: Record<string, GroupSummaryView> }>("summary"),
    read<Evaluation[]>("evaluations"),
    read<Deployment | null>("deployment"),
    read<AllocationView[]>("allocations"),
  ]);
  terminal.print("", terminal.style("bold", "Summary"), ...summaryTable(Summary));
  const blocked = evaluations.find((evaluation) => evaluation.Status === "blocked");
  if (blocked) {
    const failures = Object.entries(blocked.FailedTGAllocs);
    terminal.print(
      ...[
        "",
        terminal.style("bold", "Placement Failure"),
        ...failures.flatMap(([group, metric]) => placementFailure(group, metric)),
      ],
    );
  }
  if (deployment)
    terminal.print("", terminal.style("bold", "Latest Deployment"), ...deploymentTable(deployment));
  terminal.print(
    ...["", terminal.style("bold", "Allocations"), ...allocationTable(allocations, options.verbose)],
  );
}

function summaryTable(summary: Readonly<Record<string, GroupSummaryView>>): string[] {
  const rows = Object.entries(summary).map(([name, group]) => [
    name,
    ...[group.Queued, group.Starting, group.Running, group.Failed, group.Complete, group.Lost].map(String),
  ]);
  return table(["Task Group", "Queued", "Starting", "Running", "Failed", "Complete", "Lost"], rows);
}
