import type { FastifyRequest } from "fastify";
import { admit } from "#connect/admission.ts";
import { type Diagnostic, hasErrors, pathText } from "#model/diagnostic.ts";
import { type Job, type JobInput, job as jobSchema } from "#model/job/job.ts";
import { LONGEST_SOURCE, submission } from "#model/job/submission.ts";
import { boolean, integer, object, optional } from "#model/schema/builders.ts";
import { decode } from "#model/schema/decode.ts";
import type { Registering } from "#server/jobs.ts";
import { badRequest } from "../http-error.ts";
import { read } from "../read-body.ts";

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

const registration = object("registration", "", {
  EnforceIndex: boolean(""),
  JobModifyIndex: integer("", { min: 0 }),
  PreserveCounts: boolean(""),
  PreserveResources: boolean(""),
  EvalPriority: integer("", { min: 0, max: 100 }),
  Submission: optional(submission),
});

/** How a request wants its job to be registered, and what is to be said of it. */
export function registeringOf({ Job: _, ...body }: Record<string, unknown>): {
  registering: Registering;
  remark: string;
} {
  const sent = read(registration, body);
  const isTooLong = (sent.Submission?.Source.length ?? 0) > LONGEST_SOURCE;
  return {
    registering: {
      enforceIndex: sent.EnforceIndex ? sent.JobModifyIndex : undefined,
      preserves: { counts: sent.PreserveCounts, resources: sent.PreserveResources },
      priority: sent.EvalPriority,
      submission: isTooLong ? null : sent.Submission,
    },
    remark: isTooLong ? `the job's text is longer than ${LONGEST_SOURCE} characters and is not kept` : "",
  };
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
