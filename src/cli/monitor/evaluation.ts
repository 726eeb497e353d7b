import type { Evaluation } from "#model/evaluation.ts";
import { shortId } from "#model/id.ts";
import type { ApiClient } from "../api-client.ts";
import type { Terminal } from "../terminal.ts";
import { timestamp } from "../time.ts";
import type { AllocationView } from "../views.ts";
import { placementFailure } from "./placement.ts";

export interface EvaluationOutcome {
  readonly evaluation: Evaluation;
  readonly allocations: readonly AllocationView[];
}

/** Follows an evaluation until it is over, telling each step as Nomad does. */
export async function monitorEvaluation(
  api: ApiClient,
  terminal: Terminal,
  id: string,
  signal: AbortSignal,
): Promise<EvaluationOutcome> {
  say(terminal, "==>", `Monitoring evaluation "${shortId(id)}"`);
  let evaluation = await waitUntilOver(api, terminal, id, signal);
  const allocations = await api.get<AllocationView[]>(`/v1/evaluation/${id}/allocations`, { signal });
  for (const { ID, NodeName, TaskGroup } of allocations) {
    say(terminal, "   ", `Allocation "${shortId(ID)}" created: node "${NodeName}", group "${TaskGroup}"`);
  }
  say(terminal, "==>", `Evaluation "${shortId(id)}" finished with status "${evaluation.Status}"`);
  evaluation = await api.get<Evaluation>(`/v1/evaluation/${id}`, { signal });
  const failures = Object.entries(evaluation.FailedTGAllocs);
  if (failures.length > 0) {
    say(terminal, "   ", "Not all allocations could be placed:");
    for (const [group, metric] of failures) {
      for (const line of placementFailure(group, metric)) terminal.print(`    ${line}`);
    }
    if (evaluation.BlockedEval !== "") {
      say(
        terminal,
        "   ",
        `Evaluation "${shortId(evaluation.BlockedEval)}" waits for room to place the rest`,
      );
    }
  }
  return { evaluation, allocations };
}

async function waitUntilOver(
  api: ApiClient,
  terminal: Terminal,
  id: string,
  signal: AbortSignal,
): Promise<Evaluation> {
  let index = 0;
  for (let first = true; ; first = false) {
    const answer = await api.query<Evaluation>(`/v1/evaluation/${id}`, {
      query: { index, wait: "60s" },
      signal,
    });
    const evaluation = answer.value;
    index = answer.index;
    if (first) say(terminal, "   ", `Evaluation triggered by job "${evaluation.JobID}"`);
    if (evaluation.Status !== "pending") {
      if (evaluation.StatusDescription !== "") say(terminal, "   ", evaluation.StatusDescription);
      return evaluation;
    }
  }
}

export function say(terminal: Terminal, mark: string, text: string): void {
  terminal.print(`${terminal.style("bold", mark)} ${terminal.style("dim", timestamp())}: ${text}`);
}
