import { homedir } from "node:os";
import { basename, dirname, resolve } from "node:path";
import { admit } from "#connect/admission.ts";
import { readJsonText } from "#jobspec/json-text.ts";
import { type JobFile, parseJobFile } from "#jobspec/parse-job.ts";
import { type Diagnostic, hasErrors, inOrder, located } from "#model/diagnostic.ts";
import { type Job, type JobInput, job as jobSchema } from "#model/job/job.ts";
import type { Submission } from "#model/job/submission.ts";
import { decode } from "#model/schema/decode.ts";
import { CommandError, type FlagValues } from "./command.ts";
import { tellOf, textOf } from "./file-text.ts";
import type { Terminal } from "./terminal.ts";

export const jobFileFlags = {
  json: { kind: "boolean", doc: "The file holds the job as JSON, as the API shows it." },
  var: { kind: "texts", value: "name=value", doc: "A variable of the job file. May be given several times." },
  "var-file": { kind: "texts", value: "path", doc: "A file with variables. May be given several times." },
} as const;

/** A job file that was read: what it says, what that comes to, and all that is to be said of it. */
export interface LoadedJob {
  /** As it was written; null when it cannot be read. */
  readonly input: JobInput | null;
  /** Complete and valid; null when there are errors. */
  readonly job: Job | null;
  readonly diagnostics: readonly Diagnostic[];
  /** The texts that ranges refer to, by file name. */
  readonly sources: ReadonlyMap<string, string>;
  /** What the servers are to remember of how it was written. */
  readonly submission: Submission;
}

type ReadFlags = Omit<FlagValues<typeof jobFileFlags>, "json"> & {
  /** Whether the file is the API's JSON; "where it is" looks at the file. */
  readonly json: boolean | "where it is";
};

/** Reads, parses, completes and checks a job file. */
export async function readJob(path: string, flags: ReadFlags): Promise<LoadedJob> {
  const { filename, source } = await textOf(path);
  const written = { Source: source, VariableFlags: {}, Variables: "" };
  if (flags.json === true || (flags.json === "where it is" && isApiJson(source)))
    return { ...readJson(filename, source), submission: { ...written, Format: "json" } };
  const variableFiles = await Promise.all(flags["var-file"].map(textOf));
  const variables = Object.fromEntries(flags.var.map(assignment));
  const submission: Submission = {
    ...written,
    Format: "hcl2",
    VariableFlags: variables,
    Variables: variableFiles.map(({ source: text }) => text).join("\n"),
  };
  const file: JobFile = {
    source,
    filename,
    variables,
    variableFiles,
    environment: process.env,
    fileAccess: {
      directory: process.cwd(),
      roots: [process.cwd(), homedir(), ...(path === "-" ? [] : [dirname(resolve(path))])],
    },
  };
  const { job: input, diagnostics, positionOf } = parseJobFile(file);
  const sources = new Map([file, ...variableFiles].map((one) => [one.filename, one.source]));
  if (input === null) return { input, job: null, diagnostics: inOrder(diagnostics), sources, submission };
  const admission = admit(input);
  const found = located(admission.diagnostics, positionOf);
  const all = inOrder([...diagnostics, ...found]);
  return { input, job: admission.job, diagnostics: all, sources, submission };
}

/** The same for commands that go on only with a good job: says what is wrong and ends the command otherwise. */
export async function loadJob(
  path: string,
  flags: FlagValues<typeof jobFileFlags>,
  terminal: Terminal,
): Promise<{ readonly input: JobInput; readonly job: Job; readonly submission: Submission }> {
  const loaded = await readJob(path, flags);
  const { input, job, diagnostics, submission } = loaded;
  tell(terminal, loaded);
  if (input !== null && job !== null) return { input, job, submission };
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  throw new CommandError(
    `${basename(path)} has ${errors} error${errors === 1 ? "" : "s"}; nothing was submitted`,
  );
}

/** Everything that is to be said of a job file, on standard error. */
export function tell(terminal: Terminal, { diagnostics, sources }: LoadedJob): void {
  tellOf(terminal, diagnostics, sources);
}

/** HCL has a JSON form as well, whose names are in lower case. */
function isApiJson(source: string): boolean {
  return /^\uFEFF?\s*\{\s*"[A-Z]/.test(source);
}

/** The API takes a job alone, or as the `Job` of a request. */
function readJson(filename: string, source: string): Omit<LoadedJob, "submission"> {
  const sources = new Map([[filename, source]]);
  const text = readJsonText(filename, source);
  if (text.kind === "broken") return { input: null, job: null, diagnostics: [text.problem], sources };
  const wrapped = (text.value as { readonly Job?: unknown } | null)?.Job;
  const above = wrapped === undefined ? [] : ["Job"];
  const placed = (diagnostics: readonly Diagnostic[]) =>
    inOrder(located(diagnostics, (path) => text.placeOf([...above, ...path])));
  const { value: input, problems } = decode(jobSchema, wrapped ?? text.value, { toleratesUnknown: true });
  if (hasErrors(problems)) return { input: null, job: null, diagnostics: placed(problems), sources };
  const { job, diagnostics } = admit(input);
  return { input, job, diagnostics: placed([...problems, ...diagnostics]), sources };
}

function assignment(given: string): [string, string] {
  const equals = given.indexOf("=");
  if (equals < 1) throw new CommandError(`-var takes name=value, not "${given}"`);
  return [given.slice(0, equals), given.slice(equals + 1)];
}
