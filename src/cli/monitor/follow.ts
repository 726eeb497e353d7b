import type { Deployment } from "#model/deployment.ts";
import type { ApiClient } from "../api-client.ts";
import type { ExitCode } from "../command.ts";
import type { Terminal } from "../terminal.ts";
import { monitorDeployment } from "./deployment.ts";
import { monitorEvaluation } from "./evaluation.ts";

export const detach = { kind: "boolean", doc: "Do not follow the evaluation." } as const;

/** Follows an evaluation: 0 when all could be placed, 2 when not. */
export async function followPlacement(
  api: ApiClient,
  terminal: Terminal,
  id: string,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { evaluation } = await monitorEvaluation(api, terminal, id, signal);
  return Object.keys(evaluation.FailedTGAllocs).length > 0 ? 2 : 0;
}

/** Follows an evaluation, then the deployment that it began: 0 when all went well, 2 when not all could be placed. */
export async function followEvaluation(
  api: ApiClient,
  terminal: Terminal,
  id: string,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { evaluation } = await monitorEvaluation(api, terminal, id, signal);
  if (Object.keys(evaluation.FailedTGAllocs).length > 0) return 2;
  if (evaluation.Status !== "complete") return 1;
  const newest = await api.get<Deployment | null>(
    `/v1/job/${encodeURIComponent(evaluation.JobID)}/deployment`,
    { query: { namespace: evaluation.Namespace }, signal },
  );
  if (newest === null || newest.Status === "cancelled") return 0;
  const { Status } = await monitorDeployment(api, terminal, newest.ID, signal);
  return Status === "successful" ? 0 : 1;
}
