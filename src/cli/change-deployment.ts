import type { Deployment } from "#model/deployment.ts";
import { shortId } from "#model/id.ts";
import type { ApiClient } from "./api-client.ts";
import type { ExitCode } from "./command.ts";
import { monitorDeployment } from "./monitor/deployment.ts";
import { monitorEvaluation } from "./monitor/evaluation.ts";
import type { Terminal } from "./terminal.ts";

interface Change {
  readonly action: "promote" | "fail" | "pause" | "unblock";
  readonly id: string;
  readonly body: object;
  readonly detach: boolean;
}

interface Changed {
  readonly EvalID: string;
  readonly RevertedJobVersion: number | null;
}

/** Changes how a deployment goes on, and follows what comes of it. */
export async function changeDeployment(
  api: ApiClient,
  terminal: Terminal,
  { action, id, body, detach }: Change,
  signal: AbortSignal,
): Promise<ExitCode> {
  const options = { method: "PUT", body: { DeploymentID: id, ...body }, signal } as const;
  const { value } = await api.query<Changed>(`/v1/deployment/${action}/${id}`, options);
  if (value.RevertedJobVersion !== null) {
    terminal.print(`The job goes back to version ${value.RevertedJobVersion}`);
  }
  if (detach) {
    terminal.print(`Evaluation ID: ${value.EvalID}`);
    return 0;
  }
  await monitorEvaluation(api, terminal, value.EvalID, signal);
  const { Status } = await api.get<Deployment>(`/v1/deployment/${id}`, { signal });
  if (Status !== "running") {
    terminal.print(`Deployment "${shortId(id)}" is ${Status}`);
    return 0;
  }
  return (await monitorDeployment(api, terminal, id, signal)).Status === "successful" ? 0 : 1;
}

export const detach = { kind: "boolean", doc: "Do not follow what comes of it." } as const;
