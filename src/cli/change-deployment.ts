import type { Deployment } from "#model/deployment.ts";
import { shortId } from "#model/id.ts";
import type { ApiClient } from "./api-client.ts";
import { nomadApi, nomadFlags, verbose } from "./api-flags.ts";
import { type Command, command, type ExitCode } from "./command.ts";
import { monitorDeployment } from "./monitor/deployment.ts";
import { monitorEvaluation } from "./monitor/evaluation.ts";
import { resolveId } from "./resolve.ts";
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

/** A command that changes a deployment in one way; `rests`: then nothing comes of it that could be followed. */
export function deploymentCommand(
  help: string,
  {
    action,
    body = {},
    rests = false,
  }: Pick<Change, "action"> & { readonly body?: object; readonly rests?: boolean },
): Command {
  return command({
    usage: "<deployment>",
    help,
    flags: { ...nomadFlags, verbose, detach },
    arity: [1, 1],
    async run({ flags, arguments: [name = ""], terminal, signal }) {
      const api = nomadApi(flags);
      const id = await resolveId(api, "deployment", name, signal);
      return changeDeployment(api, terminal, { action, id, body, detach: rests || flags.detach }, signal);
    },
  });
}
