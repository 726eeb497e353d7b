import type { AllocationId } from "#model/id.ts";
import type { WorkloadIdentity } from "#model/job/identity.ts";
import type { Task } from "#model/job/task.ts";
import type { ChangeScript, Template } from "#model/job/template.ts";
import type { Log } from "#model/log.ts";
import type { AdoptedLaunch, RunningTask } from "../drivers/driver.ts";
import type { AllocationRecords } from "../host/node-state.ts";
import type { ServerLink } from "../server-link.ts";
import { DataSource } from "../templates/data-source.ts";
import { TaskTemplates, type TemplateContext } from "../templates/task-templates.ts";
import { problemOfScript } from "./change-script.ts";
import { type LaunchParts, runningContext } from "./launch.ts";
import { prepare } from "./preparation.ts";
import { TaskIdentities } from "./task-identities.ts";

export interface TaskInputOptions {
  readonly task: Task;
  readonly allocation: AllocationId;
  readonly link: ServerLink;
  readonly log: Log;
  readonly records: AllocationRecords;
  /** Asked anew each time: the job may have changed. */
  readonly parts: () => LaunchParts;
  readonly reactions: Reactions;
}

/** What may be done about an input that has changed while its task runs. */
export interface Reactions {
  readonly restart: (reason: string) => void;
  readonly signal: (name: string, reason: string) => void;
  readonly endAsFailure: (reason: string) => void;
  /** Into the events of the task. */
  readonly downloading: () => void;
  readonly tell: (message: string) => void;
}

/** What a task gets from outside: brought before it starts, and kept up to date while it runs. */
export class TaskInputs {
  readonly #options: TaskInputOptions;
  readonly #source: DataSource;
  readonly #templates: TaskTemplates;
  readonly #identities: TaskIdentities;

  constructor(options: TaskInputOptions) {
    const { task, allocation, link, log, records } = options;
    this.#options = options;
    this.#source = new DataSource(link, (error) =>
      log.warn("data of templates cannot be had from the servers", { task: task.Name, error }),
    );
    this.#templates = new TaskTemplates(task, this.#source, records);
    this.#identities = new TaskIdentities(link, allocation, task);
  }

  /** Gives variables for the environment of the task; null when `signal` aborted first. */
  prepare(
    parts: LaunchParts,
    context: TemplateContext,
    signal: AbortSignal,
  ): Promise<Record<string, string> | null> {
    const { downloading, tell } = this.#options.reactions;
    const own = { templates: this.#templates, identities: this.#identities };
    return prepare({ parts, ...own, downloading, waiting: tell, signal }, context);
  }

  /** The scripts of templates that are to run also when the file is first written. */
  async runFirstScripts(running: RunningTask): Promise<void> {
    const scripts = this.#options.parts().task.Templates.flatMap(({ ChangeScript }) => ChangeScript ?? []);
    for (const script of scripts.filter(({ RunOnFirstRender }) => RunOnFirstRender))
      await this.#runScript(script, running);
  }

  /** Until `signal` aborts. */
  async watch(launch: AdoptedLaunch, running: RunningTask, signal: AbortSignal): Promise<void> {
    const { parts, reactions } = this.#options;
    const context = () => runningContext(parts(), launch);
    const templates = {
      ...{ signal, context },
      changed: (changed: readonly Template[]) => void this.#templatesChanged(changed, running),
      failed: (reason: string) => reactions.tell(`a template is left as it was: ${reason}`),
    };
    const identities = {
      signal,
      files: () => context().files,
      renewed: (identity: WorkloadIdentity) => this.#identityRenewed(identity),
      failed: () => {},
    };
    await Promise.all([
      parts().task.Templates.length > 0 && this.#templates.watch(templates),
      this.#identities.watch(identities, parts().driver.users === "own"),
    ]);
  }

  close(): void {
    this.#source.close();
  }

  #identityRenewed({ ChangeMode, ChangeSignal }: WorkloadIdentity): void {
    const reason = "Signed identity was renewed";
    if (ChangeMode === "restart") this.#options.reactions.restart(reason);
    if (ChangeMode === "signal") this.#options.reactions.signal(ChangeSignal || "SIGHUP", reason);
  }

  async #templatesChanged(templates: readonly Template[], running: RunningTask): Promise<void> {
    const { restart, signal } = this.#options.reactions;
    if (templates.some(({ ChangeMode, Envvars }) => ChangeMode === "restart" || Envvars)) {
      restart("Template with change_mode restart re-rendered");
      return;
    }
    const signalled = templates.filter(({ ChangeMode }) => ChangeMode === "signal");
    for (const name of new Set(signalled.map(({ ChangeSignal }) => ChangeSignal || "SIGHUP")))
      signal(name, "Template re-rendered");
    for (const { ChangeScript } of templates.filter(({ ChangeMode }) => ChangeMode === "script"))
      if (ChangeScript !== null) await this.#runScript(ChangeScript, running);
  }

  async #runScript(script: ChangeScript, running: RunningTask): Promise<void> {
    const problem = await problemOfScript(script, running);
    if (problem === null) return;
    this.#options.reactions.tell(problem);
    if (script.FailOnError) this.#options.reactions.endAsFailure(problem);
  }
}
