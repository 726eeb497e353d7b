import { identitiesOf, type WorkloadIdentity } from "#model/job/identity.ts";
import type { Task } from "#model/job/task.ts";
import { pause } from "#model/pulse.ts";
import { retry } from "#model/retry.ts";
import type { AssignedAllocation, IdentityToken, ServerLink } from "../server-link.ts";
import { type TaskFiles, writeFileOfTask } from "../templates/template-files.ts";

export interface IdentityWatching {
  readonly files: () => TaskFiles;
  readonly renewed: (identity: WorkloadIdentity) => void;
  readonly failed: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/** The signed identities of one task: brought before it starts, and renewed while it runs. */
export class TaskIdentities {
  readonly #link: ServerLink;
  readonly #allocation: AssignedAllocation["ID"];
  readonly #task: string;
  readonly #wanted: readonly WorkloadIdentity[];
  readonly #expiries = new Map<WorkloadIdentity, number | null>();

  constructor(link: ServerLink, allocation: AssignedAllocation["ID"], task: Task) {
    this.#link = link;
    this.#allocation = allocation;
    this.#task = task.Name;
    this.#wanted = identitiesOf(task).filter(({ Env, File }) => Env || File);
  }

  /** Writes those that are for files, and gives the variables of those that are for the environment. */
  async write(
    files: TaskFiles,
    isOpen: boolean,
    failed: (error: unknown) => void,
    signal: AbortSignal,
  ): Promise<Record<string, string> | null> {
    const variables: Record<string, string> = {};
    for (const identity of this.#wanted) {
      const fetched = await retry(() => this.#fetch(identity), signal, failed);
      if (fetched === null) return null;
      if (identity.File)
        await writeFileOfTask(fileOf(identity), fetched.token, files, isOpen ? 0o644 : 0o600);
      if (identity.Env) variables[variableOf(identity)] = fetched.token;
    }
    return variables;
  }

  /** Renews each at half of its life. */
  async watch(watching: IdentityWatching, isOpen: boolean): Promise<void> {
    await Promise.all(this.#wanted.map((identity) => this.#renew(identity, watching, isOpen)));
  }

  async #renew(
    identity: WorkloadIdentity,
    { files, renewed, failed, signal }: IdentityWatching,
    isOpen: boolean,
  ): Promise<void> {
    if (identity.TTL === 0) return;
    // What an agent before this one has fetched is renewed at once.
    for (let expires = this.#expiries.get(identity) ?? Date.now(); !signal.aborted; ) {
      await pause(Math.max(SHORTEST, (expires - Date.now()) / 2), signal);
      if (signal.aborted) return;
      const fetched = await retry(() => this.#fetch(identity), signal, failed);
      if (fetched === null) return;
      if (identity.File)
        await writeFileOfTask(fileOf(identity), fetched.token, files(), isOpen ? 0o644 : 0o600);
      renewed(identity);
      expires = fetched.expires ?? Date.now();
    }
  }

  async #fetch(identity: WorkloadIdentity): Promise<IdentityToken> {
    const fetched = await this.#link.identity({
      allocation: this.#allocation,
      task: this.#task,
      identity: identity.Name || "default",
    });
    this.#expiries.set(identity, fetched.expires);
    return fetched;
  }
}

/** Milliseconds. */
const SHORTEST = 1000;

/** As Nomad's users know them. */
function fileOf({ Name, Filepath }: WorkloadIdentity): string {
  if (Filepath !== "") return Filepath;
  return isDefault(Name) ? "secrets/nomad_token" : `secrets/nomad_${Name}.jwt`;
}

function variableOf({ Name }: WorkloadIdentity): string {
  return isDefault(Name) ? "NOMAD_TOKEN" : `NOMAD_TOKEN_${Name}`;
}

function isDefault(name: string): boolean {
  return name === "" || name === "default";
}
