import type { FastifyRequest } from "fastify";
import { admit } from "#connect/admission.ts";
import { type Diagnostic, hasErrors, pathText } from "#model/diagnostic.ts";
import { type Job, type JobInput, job as jobSchema } from "#model/job/job.ts";
import { decode } from "#model/schema/decode.ts";
import { badRequest } from "../http-error.ts";

/** The JSON object that a request brings. */
export function bodyOf(request: FastifyRequest): Record<string, unknown> {
  if (typeof request.body !== "object" || request.body === null) {
    throw badRequest('Request decoding failed: expected a JSON object such as {"Job": {…}}');
  }
  return request.body as Record<string, unknown>;
}

/** A job as a client sent it, of which nothing is known but its form. */
export interface SentJob {
  readonly input: JobInput;
  readonly warnings: readonly Diagnostic[];
}

export function readJob(json: unknown): SentJob {
  if (typeof json !== "object" || json === null) throw badRequest("Job must be specified");
  const { value, problems } = decode(jobSchema, json, { toleratesUnknown: true });
  if (hasErrors(problems)) throw badRequest(problems.map(sentence).join("\n"));
  return { input: value, warnings: problems };
}

/** A job that may be stored, or an answer that says why it may not. */
export function admitted(sent: SentJob, sidecarDriver: string): { job: Job; warnings: string } {
  const { job, diagnostics } = admit(sent.input, sidecarDriver);
  if (job === null) {
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    // What was ignored may be what is missing.
    throw badRequest([...sent.warnings, ...errors].map(sentence).join("\n"));
  }
  return { job, warnings: warningsOf([...sent.warnings, ...diagnostics]) };
}

export function warningsOf(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .filter(({ severity }) => severity === "warning")
    .map(sentence)
    .join("\n");
}

export function sentence({ path = [], summary, detail }: Diagnostic): string {
  const place = pathText(path);
  return `${place === "" ? "" : `${place}: `}${summary}: ${detail}`;
}
