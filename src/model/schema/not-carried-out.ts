import { isDeepStrictEqual } from "node:util";
import { warningAt } from "../diagnostic.ts";
import { absent, isDefault } from "./canonical.ts";
import type { Rule } from "./check.ts";
import type { ObjectSchema, Schema, Value } from "./schema.ts";

/** A field that is read and checked without being acted on. */
export interface NotCarriedOut extends Rule {
  readonly field: string;
  /** What does not happen, as a sentence. */
  readonly sentence: string;
  /** Holds for some values of the field only. */
  readonly isPartial: boolean;
}

/** Warns of the field where it says something else than would hold without it, or where `concerns` the object. */
export function notCarriedOut<S extends ObjectSchema>(
  { fields }: S,
  field: keyof S["fields"] & string,
  sentence: string,
  concerns?: (value: NonNullable<Value<S>>) => boolean,
): NotCarriedOut {
  const schema = fields[field] as Schema;
  const isWritten = (value: Value<S>) => says(schema, (value as Record<string, unknown>)[field]);
  return {
    subject: fields,
    field,
    sentence,
    isPartial: concerns !== undefined,
    check: (value: NonNullable<Value<S>>, { path }) =>
      (concerns ?? isWritten)(value) ? [warningAt([...path, field], "Not carried out", sentence)] : [],
  };
}

function says(schema: Schema, value: unknown): boolean {
  if (typeof value !== "object") return !isDefault(schema, value);
  return value !== null && !isDeepStrictEqual(value, absent(schema));
}
