import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { admit } from "#connect/admission.ts";
import { parseJobFile } from "#jobspec/parse.ts";
import { type Diagnostic, hasErrors } from "#model/diagnostic.ts";
import type { Job, JobInput } from "#model/job/job.ts";
import { CommandError, type FlagValues } from "./command.ts";
import type { Terminal } from "./terminal.ts";

export const jobFileFlags = {
  json: { kind: "boolean", doc: "The file holds the job as JSON, as the API shows it." },
  var: { kind: "texts", value: "name=value", doc: "A variable of the job file. May be given several times." },
  "var-file": { kind: "texts", value: "path", doc: "A file with variables. May be given several times." },
} as const;

/** Reads, parses, completes and checks a job file; says what is wrong with it at its place, and throws then. */
export async function loadJob(
  path: string,
  flags: FlagValues<typeof jobFileFlags>,
  terminal: Terminal,
): Promise<{ readonly input: JobInput; readonly job: Job }> {
  void [
    path,
    flags,
    terminal,
    admit,
    parseJobFile,
    hasErrors,
    readFile,
    text,
    CommandError,
  ] as unknown as Diagnostic[];
  throw new Error("not wired");
}
