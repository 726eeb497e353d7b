import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Task } from "#model/job/task.ts";
import type { Template } from "#model/job/template.ts";
import { pause } from "#model/pulse.ts";
import { millisecond } from "#model/schema/duration.ts";
import { execute } from "#template/execute.ts";
import { pureFunctions } from "#template/functions/pure.ts";
import { parseTemplate } from "#template/parser.ts";
import type { AllocationRecords } from "../host/node-state.ts";
import { dataFunctions, type Surroundings } from "./data-functions.ts";
import type { DataSource } from "./data-source.ts";
import { readVariables } from "./environment-lines.ts";
import { fileOfTask, type TaskFiles, writeTemplate } from "./template-files.ts";

/** What the templates of a task are carried out with. */
export interface TemplateContext {
  readonly files: TaskFiles;
  readonly namespace: string;
  readonly ownServices: readonly string[];
}

/** Templates whose text has come to differ while their task ran. */
export type Changed = readonly Template[];

export interface Watching {
  readonly context: () => TemplateContext;
  readonly changed: (templates: Changed) => void;
  readonly failed: (reason: string) => void;
  readonly signal: AbortSignal;
}

interface Rendered {
  readonly text: string;
  /** What it asked for in vain. */
  readonly missing: readonly string[];
}

/** Milliseconds after which it is said what a task's templates wait for. */
const PATIENCE = 3000;

/** The templates of one task: written before it starts, and watched while it runs. */
export class TaskTemplates {
  readonly #templates: readonly Template[];
  readonly #source: DataSource;
  readonly #records: AllocationRecords;
  readonly #name: string;
  /** By destination: a digest of what was written last, by this agent or one before it. */
  #written: Record<string, string>;

  constructor({ Name, Templates }: Task, source: DataSource, records: AllocationRecords) {
    this.#templates = Templates;
    this.#source = source;
    this.#records = records;
    this.#name = `templates of ${Name}`;
    this.#written = records.read<Record<string, string>>(this.#name) ?? {};
  }

  /**
   * Waits until all that the templates ask for is there, writes them, and gives the variables of those that are
   * for the environment. Null when `signal` aborts before. `tell` is told what is waited for.
   */
  async write(
    context: TemplateContext,
    tell: (message: string) => void,
    signal: AbortSignal,
  ): Promise<Record<string, string> | null> {
    const began = performance.now();
    let told = "";
    while (!signal.aborted) {
      const { version } = this.#source;
      const rendered = await this.#renderAll(context);
      const missing = [...new Set(rendered.flatMap((each) => each.missing))];
      if (missing.length === 0) return this.#writeAll(rendered, context);
      const isLate = performance.now() - began >= PATIENCE;
      const message = `Missing: ${missing.join(", ")}`;
      if (isLate && message !== told) tell(message);
      if (isLate) told = message;
      if (version === this.#source.version)
        await this.#source.changed.next(signal, isLate ? Number.POSITIVE_INFINITY : PATIENCE);
    }
    return null;
  }

  /** Writes what has changed, and tells of it, until `signal` aborts. */
  async watch({ context, changed, failed, signal }: Watching): Promise<void> {
    if (this.#templates.every(({ Once }) => Once)) return;
    for (let version = -1; !signal.aborted; ) {
      if (version === this.#source.version) await this.#quiet(signal);
      if (signal.aborted) return;
      version = this.#source.version;
      try {
        const found = await this.#rewrite(context());
        if (found.length > 0) await this.#announce(found, changed, signal);
      } catch (error) {
        failed(error instanceof Error ? error.message : String(error));
      }
    }
  }

  /** Until something has changed, and nothing more does for the shortest wait that a template has. */
  async #quiet(signal: AbortSignal): Promise<void> {
    await this.#source.changed.next(signal);
    const waits = this.#templates.flatMap(({ Wait }) => Wait ?? []);
    const shortest = Math.max(0, ...waits.map(({ Min }) => (Min ?? 0) / millisecond));
    const longest = Math.max(shortest, ...waits.map(({ Max }) => (Max ?? 0) / millisecond));
    const end = performance.now() + longest;
    while (shortest > 0 && !signal.aborted) {
      const { version } = this.#source;
      await this.#source.changed.next(signal, Math.min(shortest, Math.max(0, end - performance.now())));
      if (version === this.#source.version || performance.now() >= end) return;
    }
  }

  async #rewrite(context: TemplateContext): Promise<Template[]> {
    const changed: Template[] = [];
    for (const template of this.#templates.filter(({ Once }) => !Once)) {
      const rendered = await this.#render(template, context);
      if (rendered.missing.length > 0) continue;
      if (await this.#writeOne(template, rendered.text, context)) changed.push(template);
    }
    return changed;
  }

  /** A random wait keeps tasks that share their data from all acting at once. */
  async #announce(found: Changed, changed: Watching["changed"], signal: AbortSignal): Promise<void> {
    const loud = found.filter(({ ChangeMode }) => ChangeMode !== "noop");
    if (loud.length === 0) return;
    const splay = Math.max(...loud.map(({ Splay }) => Splay / millisecond));
    await pause(splay * Math.random(), signal);
    if (!signal.aborted) changed(loud);
  }

  #renderAll(context: TemplateContext): Promise<Rendered[]> {
    return Promise.all(this.#templates.map((template) => this.#render(template, context)));
  }

  async #render(template: Template, context: TemplateContext): Promise<Rendered> {
    const missing: string[] = [];
    const { LeftDelim, RightDelim, ErrMissingKey, DestPath } = template;
    const parsed = parseTemplate(DestPath, await sourceOf(template, context.files), {
      left: LeftDelim,
      right: RightDelim,
    });
    const functions = {
      ...pureFunctions,
      ...dataFunctions(surroundings(this.#source, context), (what) => missing.push(what)),
    };
    try {
      return { text: execute(parsed, { functions, dot: null, failsOnMissingKey: ErrMissingKey }), missing };
    } catch (error) {
      // With a gap in what it asks for, a template may fail that does not fail without it.
      if (missing.length > 0) return { text: "", missing };
      throw error;
    }
  }

  async #writeAll(rendered: readonly Rendered[], context: TemplateContext): Promise<Record<string, string>> {
    const variables: Record<string, string> = {};
    for (const [index, template] of this.#templates.entries()) {
      const text = rendered[index]?.text ?? "";
      await this.#writeOne(template, text, context, true);
      if (template.Envvars) Object.assign(variables, readVariables(text, template.DestPath));
    }
    return variables;
  }

  /** Gives whether the text differs from what was written last. */
  async #writeOne(
    template: Template,
    text: string,
    { files }: TemplateContext,
    isAlways = false,
  ): Promise<boolean> {
    const digest = createHash("sha256").update(text).digest("hex");
    const isNew = this.#written[template.DestPath] !== digest;
    if (!isNew && !isAlways) return false;
    await writeTemplate(template, text, files);
    this.#written = { ...this.#written, [template.DestPath]: digest };
    this.#records.write(this.#name, this.#written);
    return isNew;
  }
}

async function sourceOf({ SourcePath, EmbeddedTmpl }: Template, files: TaskFiles): Promise<string> {
  if (SourcePath === "") return EmbeddedTmpl;
  return readFile(fileOfTask(SourcePath, files), "utf8").catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === "ENOENT" ? "there is no such file in the task's folder" : error.message;
    throw new Error(`the template's source "${SourcePath}" cannot be read: ${reason}`);
  });
}

function surroundings(source: DataSource, { files, namespace, ownServices }: TemplateContext): Surroundings {
  return {
    ...{ source, namespace, ownServices },
    // The node's facts are found there too, as in Nomad.
    environment: { ...files.references.node, ...files.references.environment },
    fileAt: (path) => fileOfTask(path, files),
  };
}
