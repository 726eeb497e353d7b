import { parseDuration } from "#model/schema/duration.ts";
import type { Schema } from "#model/schema/schema.ts";
import { valuesIn } from "../evaluate/describe.ts";
import type { Evaluation, Scope } from "../evaluate/scope.ts";
import { report } from "../evaluate/scope.ts";
import type { Expression } from "../syntax/ast.ts";
import { ConversionError, convert } from "../values/convert.ts";
import { isInteger, toDouble } from "../values/number.ts";
import type { Type } from "../values/type.ts";
import { anyType, boolType, listOf, mapOf, numberType, stringType } from "../values/type.ts";
import type { Value } from "../values/value.ts";

/** Decodes to this what could not be decoded; the problem is reported. */
export const failed = Symbol("failed");

/** Whether values of the schema are scalars, or lists or maps of such. */
export function isValueSchema(schema: Schema): boolean {
  switch (schema.kind) {
    case "object":
    case "opaque":
      return false;
    case "list":
      return isValueSchema(schema.items);
    case "map":
      return isValueSchema(schema.values);
    case "string":
    case "integer":
    case "number":
    case "boolean":
    case "duration":
      return true;
  }
}

/** The value of an expression as the schema wants it; null where it is null. */
export function decodeValue(
  schema: Schema,
  expression: Expression,
  scope: Scope,
  evaluation: Evaluation,
): unknown {
  const value = evaluation.evaluate(expression, scope, evaluation);
  if (value.kind === "unknown") return failed;
  if (value.kind === "null") return null;
  try {
    return data(schema, convert(value, typeFor(schema)));
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    report(
      evaluation,
      expression,
      "Unsuitable value",
      `Unsuitable value: ${error.message}.`,
      valuesIn(expression, scope),
    );
    return failed;
  }
}

function typeFor(schema: Schema): Type {
  switch (schema.kind) {
    case "string":
      return stringType;
    case "integer":
    case "number":
      return numberType;
    case "boolean":
      return boolType;
    case "list":
      return listOf(typeFor(schema.items));
    case "map":
      return mapOf(typeFor(schema.values));
    case "duration":
    case "object":
    case "opaque":
      return anyType;
  }
}

function data(schema: Schema, value: Value): unknown {
  if (value.kind === "null") throw new ConversionError("a value inside must not be null");
  switch (schema.kind) {
    case "string":
      return value.kind === "string" ? value.text : failed;
    case "integer":
      return wholeNumber(value);
    case "number":
      return value.kind === "number" ? toDouble(value.number) : failed;
    case "boolean":
      return value.kind === "bool" ? value.truth : failed;
    case "duration":
      return duration(value);
    case "list":
      return "items" in value ? value.items.map((item) => data(schema.items, item)) : failed;
    case "map":
      return "entries" in value
        ? Object.fromEntries(Array.from(value.entries, ([key, item]) => [key, data(schema.values, item)]))
        : failed;
    case "object":
    case "opaque":
      return failed;
  }
}

function wholeNumber(value: Value): number {
  const number = value.kind === "number" && isInteger(value.number) ? toDouble(value.number) : Number.NaN;
  if (!Number.isFinite(number)) throw new ConversionError("value must be a whole number");
  return number;
}

/** Text such as "30s", or a number of nanoseconds. */
function duration(value: Value): number {
  if (value.kind === "number") return wholeNumber(value);
  const nanoseconds = value.kind === "string" ? parseDuration(value.text) : null;
  if (nanoseconds !== null) return nanoseconds;
  const shown = value.kind === "string" ? JSON.stringify(value.text.slice(0, 40)) : `a ${value.kind}`;
  throw new ConversionError(
    `${shown} is not a duration: write a number with a unit (ns, us, ms, s, m, h), such as "30s" or "1h30m"`,
  );
}
