import { object, string, stringMap } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";

/** Bytes. A longer text is not kept; the job is. */
export const LONGEST_SOURCE = 1_000_000;

/** The text that a job was written as. Field names are those of Nomad's API. */
export const submission = object("submission", "", {
  Source: string(""),
  Format: string("", { oneOf: ["", "hcl2", "json"] }),
  VariableFlags: stringMap(""),
  Variables: string(""),
});

export type Submission = Value<typeof submission>;

/** The same with the version of the job that it is the text of. */
export interface JobSubmission extends Submission {
  readonly Namespace: string;
  readonly JobID: string;
  readonly Version: number;
  readonly JobModifyIndex: number;
}
