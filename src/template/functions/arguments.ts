import { entriesOf, kindOf, textOfValue, type Value } from "../value.ts";

/** What functions expect of their arguments, with errors in words. */
export function text(value: Value): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return textOfValue(value);
  throw new Error(`expected a text, not ${kindOf(value)}`);
}

export function number(value: Value): number {
  if (typeof value === "number") return value;
  const read = typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  if (Number.isNaN(read)) throw new Error(`expected a number, not ${kindOf(value)}`);
  return read;
}

export function list(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value;
  if (value === null || value === undefined) return [];
  throw new Error(`expected a list, not ${kindOf(value)}`);
}

export function map(value: Value): ReadonlyMap<string, Value> {
  if (value === null || value === undefined) return new Map();
  const entries = entriesOf(value);
  if (entries === null) throw new Error(`expected a map, not ${kindOf(value)}`);
  return new Map(entries);
}

/** A regular expression in Go's syntax, as far as it is JavaScript's as well. */
export function pattern(value: Value, flags = ""): RegExp {
  const source = text(value);
  const [, inline = "", rest = source] = /^\(\?([imsU]+)\)(.*)$/s.exec(source) ?? [];
  try {
    return new RegExp(
      rest.replaceAll("(?P<", "(?<").replaceAll("\\z", "$").replaceAll("\\A", "^"),
      `${flags}u${inline.replace("U", "")}`,
    );
  } catch (error) {
    throw new Error(`"${source}" is no regular expression: ${(error as Error).message}`);
  }
}
