import type { Deployment } from "#model/deployment.ts";
import { shortId } from "#model/id.ts";
import type { ApiClient } from "../api-client.ts";
import { properties, table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import type { AllocationView } from "../views.ts";
import { say } from "./evaluation.ts";
import { TroubleReport } from "./trouble.ts";

/** Follows a deployment until it is over, telling every step and every failure of a task on the way. */
export async function monitorDeployment(
  api: ApiClient,
  terminal: Terminal,
  id: string,
  signal: AbortSignal,
): Promise<Deployment> {
  say(terminal, "==>", `Monitoring deployment "${shortId(id)}"`);
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  const trouble = followTrouble(api, terminal, id, both);
  try {
    return await followDeployment(api, terminal, id, signal);
  } finally {
    over.abort();
    await trouble;
  }
}

async function followDeployment(
  api: ApiClient,
  terminal: Terminal,
  id: string,
  signal: AbortSignal,
): Promise<Deployment> {
  let index = 0;
  let shown = "";
  for (;;) {
    const answer = await api.query<Deployment>(`/v1/deployment/${id}`, {
      query: { index, wait: "60s" },
      signal,
    });
    const deployment = answer.value;
    index = answer.index;
    const lines = deploymentTable(deployment);
    if (lines.join() !== shown) {
      shown = lines.join();
      terminal.print();
      for (const line of lines) terminal.print(`    ${line}`);
    }
    if (deployment.Status !== "running") {
      const mark =
        deployment.Status === "successful" ? terminal.style("green", "✓") : terminal.style("red", "✗");
      terminal.print();
      terminal.print(
        `  ${mark} Deployment "${shortId(id)}" ${deployment.Status}: ${deployment.StatusDescription}`,
      );
      return deployment;
    }
  }
}

async function followTrouble(
  api: ApiClient,
  terminal: Terminal,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const report = new TroubleReport();
  let index = 0;
  while (!signal.aborted) {
    try {
      const path = `/v1/deployment/allocations/${id}`;
      const answer = await api.query<AllocationView[]>(path, { query: { index, wait: "60s" }, signal });
      index = answer.index;
      for (const line of report.news(answer.value)) say(terminal, "   ", terminal.style("yellow", line));
    } catch {
      // The deployment's own query says what is wrong with the connection.
      return;
    }
  }
}

export function deploymentTable({
  ID,
  JobID,
  JobVersion,
  Status,
  StatusDescription,
  TaskGroups,
}: Deployment): string[] {
  return [
    ...properties([
      ["ID", shortId(ID)],
      ["Job ID", JobID],
      ["Job Version", String(JobVersion)],
      ["Status", Status],
      ["Description", StatusDescription],
    ]),
    "",
    ...table(
      ["Task Group", "Desired", "Placed", "Healthy", "Unhealthy"],
      Object.entries(TaskGroups).map(([name, group]) => [
        name,
        String(group.DesiredTotal),
        String(group.PlacedAllocs),
        String(group.HealthyAllocs),
        String(group.UnhealthyAllocs),
      ]),
    ),
  ];
}
