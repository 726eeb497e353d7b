import type { Deployment, DeploymentState } from "#model/deployment.ts";
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
  const trouble = new Trouble(api, terminal, id);
  const following = trouble.follow(AbortSignal.any([signal, over.signal]));
  try {
    const deployment = await followDeployment(api, terminal, id, signal);
    // What made it fail may be newer than what was last heard of.
    if (deployment.Status === "failed") await trouble.look({}, signal);
    tellEnd(terminal, deployment);
    return deployment;
  } finally {
    over.abort();
    await following;
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
    if (deployment.Status !== "running") return deployment;
  }
}

function tellEnd(terminal: Terminal, { ID, Status, StatusDescription }: Deployment): void {
  const mark = Status === "successful" ? terminal.style("green", "✓") : terminal.style("red", "✗");
  terminal.print();
  terminal.print(`  ${mark} Deployment "${shortId(ID)}" ${Status}: ${StatusDescription}`);
}

/** Tells what goes wrong with the allocations of a deployment, each thing once. */
class Trouble {
  readonly #api: ApiClient;
  readonly #terminal: Terminal;
  readonly #path: string;
  readonly #report = new TroubleReport();

  constructor(api: ApiClient, terminal: Terminal, id: string) {
    this.#api = api;
    this.#terminal = terminal;
    this.#path = `/v1/deployment/allocations/${id}`;
  }

  /** Gives the index of what it saw. */
  async look(
    query: { readonly index?: number; readonly wait?: string },
    signal: AbortSignal,
  ): Promise<number> {
    const { value, index } = await this.#api.query<AllocationView[]>(this.#path, { query, signal });
    for (const line of this.#report.news(value)) {
      say(this.#terminal, "   ", this.#terminal.style("yellow", line));
    }
    return index;
  }

  async follow(signal: AbortSignal): Promise<void> {
    try {
      for (let index = 0; !signal.aborted; ) index = await this.look({ index, wait: "60s" }, signal);
    } catch {
      // The deployment's own query says what is wrong with the connection.
    }
  }
}

/** Deployments as a list. `id`: how their ids are shown. */
export function deploymentRows(deployments: readonly Deployment[], id: (text: string) => string): string[] {
  if (deployments.length === 0) return ["No deployments found"];
  const rows = deployments.map(({ ID, JobID, JobVersion, Status, StatusDescription }) => [
    id(ID),
    JobID,
    String(JobVersion),
    Status,
    StatusDescription,
  ]);
  return table(["ID", "Job ID", "Job Version", "Status", "Description"], rows);
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
    ...groupTable(Object.entries(TaskGroups)),
  ];
}

/** What only some groups have gets a column only where one has it. */
function groupTable(groups: readonly (readonly [string, DeploymentState])[]): string[] {
  const states = groups.map(([, state]) => state);
  const columns: readonly (readonly [string, boolean, (name: string, state: DeploymentState) => string])[] = [
    ["Task Group", true, (name) => name],
    ["Auto Revert", states.some(({ AutoRevert }) => AutoRevert), (_, { AutoRevert }) => String(AutoRevert)],
    ["Promoted", states.some(({ DesiredCanaries }) => DesiredCanaries > 0), promotion],
    ["Desired", true, (_, { DesiredTotal }) => String(DesiredTotal)],
    [
      "Canaries",
      states.some(({ DesiredCanaries }) => DesiredCanaries > 0),
      (_, { DesiredCanaries }) => String(DesiredCanaries),
    ],
    ["Placed", true, (_, { PlacedAllocs }) => String(PlacedAllocs)],
    ["Healthy", true, (_, { HealthyAllocs }) => String(HealthyAllocs)],
    ["Unhealthy", true, (_, { UnhealthyAllocs }) => String(UnhealthyAllocs)],
    [
      "Progress Deadline",
      states.some(({ RequireProgressBy }) => RequireProgressBy),
      (_, { RequireProgressBy }) => RequireProgressBy ?? "N/A",
    ],
  ];
  const shown = columns.filter(([, isShown]) => isShown);
  return table(
    shown.map(([heading]) => heading),
    groups.map(([name, state]) => shown.map(([, , cell]) => cell(name, state))),
  );
}

function promotion(_: string, { DesiredCanaries, Promoted }: DeploymentState): string {
  return DesiredCanaries > 0 ? String(Promoted) : "N/A";
}
