import { FunctionError } from "../evaluate/function.ts";
import { ConversionError, convert } from "../values/convert.ts";
import { isInteger, truncated } from "../values/number.ts";
import { graphemes } from "../values/text.ts";
import type { Type } from "../values/type.ts";
import { boolType, numberType, stringType } from "../values/type.ts";
import type { Value } from "../values/value.ts";
import { listValue, stringValue } from "../values/value.ts";
import { defineRest } from "./define.ts";
import { formatFloat } from "./format-number.ts";
import type { Verb } from "./format-verb.ts";
import { alignNumber, bases, signOf } from "./format-verb.ts";
import { toJsonText } from "./json-text.ts";

/** Widths and precisions above this make text that no job file needs. */
const widest = 10_000;

export const formatFunctions = {
  format: defineRest({ format: "text" }, ["args", "nullable"], ({ format }, values, budget) => {
    const text = formatted(format, values);
    budget.spendText(text.length);
    return stringValue(text);
  }),
  formatlist: defineRest({ format: "text" }, ["args", "nullable"], ({ format }, values, budget) => {
    const count = turns(values);
    budget.spend(count);
    const lines = Array.from({ length: count }, (_, turn) => {
      const text = formatted(
        format,
        values.map((value) => itemOf(value, turn)),
      );
      budget.spendText(text.length);
      return stringValue(text);
    });
    return listValue(stringType, lines);
  }),
};

function sequenceOf(value: Value): readonly Value[] | null {
  return value.kind === "list" || value.kind === "set" || value.kind === "tuple" ? value.items : null;
}

function itemOf(value: Value, turn: number): Value {
  return sequenceOf(value)?.[turn] ?? value;
}

/** How many lines formatlist makes: as many as all its sequences are long. */
function turns(values: readonly Value[]): number {
  let length: number | null = null;
  for (const [index, value] of values.entries()) {
    const items = sequenceOf(value);
    if (items === null) continue;
    if (length !== null && items.length !== length) {
      throw new FunctionError(
        `argument ${index + 1} has length ${items.length}, which is inconsistent with an earlier argument of length ${length}`,
        index + 1,
      );
    }
    length = items.length;
  }
  return length ?? 1;
}

const sequence = /%(?:(%)|([0#\-+ ]*)([1-9]\d*)?(?:\.(\d*))?(?:\[([1-9]\d*)\])?([a-zA-Z]))?/g;

function formatted(format: string, values: readonly Value[]): string {
  let next = 1;
  let highest = 0;
  const text = format.replaceAll(
    sequence,
    (raw, percent, flags, width, precision, position, mode, offset) => {
      if (percent !== undefined) return "%";
      if (mode === undefined) throw new FunctionError(`invalid format string starting at offset ${offset}`);
      const number = position === undefined ? next : Number(position);
      next = number + 1;
      highest = Math.max(highest, number);
      const verb = {
        raw,
        offset,
        flags,
        width: bounded(width, raw),
        precision: precision === undefined ? null : bounded(precision, raw),
        mode,
      };
      const value = values[number - 1];
      if (value === undefined) {
        throw new FunctionError(
          `not enough arguments for ${JSON.stringify(raw)} at ${offset}: need index ${number} but have ${values.length} total`,
        );
      }
      return formatVerb(verb, value);
    },
  );
  if (highest < values.length) {
    const used = highest === 0 ? "no verbs in format string" : `only ${highest} used by format string`;
    throw new FunctionError(`too many arguments; ${used}`, highest + 1);
  }
  return text;
}

function bounded(digits: string | undefined, raw: string): number {
  const value = Number(digits ?? "");
  if (value > widest)
    throw new FunctionError(`${JSON.stringify(raw)} asks for more than ${widest} characters`);
  return value;
}

function formatVerb(verb: Verb, value: Value): string {
  if (verb.mode !== "v" && value.kind === "null") throw unsupported(verb, "null value cannot be formatted");
  switch (verb.mode) {
    case "v":
      return padded(verb, asIs(verb, value));
    case "t":
      return String(boolOf(verb, value));
    case "s":
      return padded(verb, cut(verb, textOf(verb, value)));
    case "q":
      return padded(verb, toJsonText(stringValue(cut(verb, textOf(verb, value)))));
    case "b":
    case "d":
    case "o":
    case "x":
    case "X":
      return formatInteger(verb, value);
    case "e":
    case "E":
    case "f":
    case "g":
    case "G":
      return formatFloat(verb, numberOf(verb, value));
    default:
      throw new FunctionError(
        `unsupported format verb ${JSON.stringify(verb.mode)} in ${JSON.stringify(verb.raw)} at offset ${verb.offset}`,
      );
  }
}

function unsupported({ raw, offset }: Verb, why: string): FunctionError {
  return new FunctionError(`unsupported value for ${JSON.stringify(raw)} at ${offset}: ${why}`);
}

function converted(verb: Verb, value: Value, type: Type): Value {
  try {
    return convert(value, type);
  } catch (error) {
    if (error instanceof ConversionError) throw unsupported(verb, error.message);
    throw error;
  }
}

function textOf(verb: Verb, value: Value): string {
  const text = converted(verb, value, stringType);
  return text.kind === "string" ? text.text : "";
}

function boolOf(verb: Verb, value: Value): boolean {
  const bool = converted(verb, value, boolType);
  return bool.kind === "bool" && bool.truth;
}

function numberOf(verb: Verb, value: Value) {
  const number = converted(verb, value, numberType);
  if (number.kind !== "number") throw unsupported(verb, "a number is required");
  return number.number;
}

/** Texts and numbers as they are; anything else, and with # all, as JSON. */
function asIs(verb: Verb, value: Value): string {
  if (!verb.flags.includes("#")) {
    if (value.kind === "string") return value.text;
    if (value.kind === "number")
      return formatFloat({ ...verb, flags: "", width: 0, precision: null, mode: "g" }, value.number);
  }
  return toJsonText(value);
}

function cut({ precision }: Verb, text: string): string {
  return precision === null || precision === 0 ? text : graphemes(text).slice(0, precision).join("");
}

function padded({ width, flags }: Verb, text: string): string {
  const missing = Math.max(0, width - graphemes(text).length);
  const padding = (flags.includes("0") ? "0" : " ").repeat(missing);
  return flags.includes("-") ? text + padding : padding + text;
}

const prefixes: Readonly<Record<string, string>> = { b: "0b", o: "0", x: "0x", X: "0X" };

function formatInteger(verb: Verb, value: Value): string {
  const number = numberOf(verb, value);
  if (!isInteger(number)) throw unsupported(verb, "an integer is required");
  const whole = truncated(number);
  const digits = (whole < 0n ? -whole : whole)
    .toString(bases[verb.mode] ?? 10)
    .padStart(verb.precision ?? 0, "0");
  const prefix = verb.flags.includes("#") ? (prefixes[verb.mode] ?? "") : "";
  return alignNumber(
    verb,
    signOf(verb, whole < 0n) + prefix,
    verb.mode === "X" ? digits.toUpperCase() : digits,
  );
}
