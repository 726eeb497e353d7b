import type { HclField } from "#model/schema/hcl-form.ts";
import type { Positions } from "../body/positions.ts";
import type { Evaluation } from "../evaluate/scope.ts";

export interface Decoding {
  readonly evaluation: Evaluation;
  readonly positions: Positions;
  /** For texts in which names are written in several ways, and blocks and attributes stand for one another. */
  readonly lenient: boolean;
}

export type BlockField = Extract<HclField, { form: "block" }>;

/** What is known so far of an object, by its fields' names. */
export type Decoded = Record<string, unknown>;

export function isObject(value: unknown): value is Decoded {
  return typeof value === "object" && value !== null;
}
