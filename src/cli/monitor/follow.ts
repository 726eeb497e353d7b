import type { Deployment } from "#model/deployment.ts";
import type { ApiClient } from "../api-client.ts";
import type { ExitCode } from "../command.ts";
import type { Terminal } from "../terminal.ts";
import { monitorDeployment } from "./deployment.ts";
import { monitorEvaluation } from "./evaluation.ts";

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
