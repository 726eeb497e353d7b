import type { TemplateFunctions } from "../execute.ts";
import { sprintf } from "../printf.ts";
import { fieldOf, isTrue, kindOf, textOfValue, toPlain, type Value } from "../value.ts";
import { list, number, text } from "./arguments.ts";

/** The functions that Go's text/template has itself; `and` and `or` are part of the language. */
export const builtinFunctions: TemplateFunctions = {
  not: (value) => !isTrue(value),
  eq: (first, ...others) => {
    if (others.length === 0) throw new Error("needs two arguments at least");
    return others.some((other) => isEqual(first, other));
  },
  ne: (first, second) => !isEqual(first, second),
  lt: (first, second) => order(first, second) < 0,
  le: (first, second) => order(first, second) <= 0,
  gt: (first, second) => order(first, second) > 0,
  ge: (first, second) => order(first, second) >= 0,
  len: lengthOf,
  index: (value, ...keys) => keys.reduce(item, value),
  slice: (value, from = 0, to) => {
    const end = to === undefined ? undefined : number(to);
    return typeof value === "string"
      ? Buffer.from(value).subarray(number(from), end).toString("utf8")
      : list(value).slice(number(from), end);
  },
  print: (...values) => spaced(values),
  println: (...values) => `${values.map(textOfValue).join(" ")}\n`,
  printf: (format, ...values) => sprintf(text(format), values),
  html: (...values) => spaced(values).replaceAll(/[&<>"']/g, (found) => HTML[found] ?? found),
  js: (...values) => spaced(values).replaceAll(/[\\'"<>&=\n\r\t]/g, (found) => JS[found] ?? found),
  urlquery: (...values) => encodeURIComponent(spaced(values)).replaceAll("%20", "+"),
};

const HTML: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
};

const JS: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "'": "\\'",
  '"': '\\"',
  "<": "\\u003C",
  ">": "\\u003E",
  "&": "\\u0026",
  "=": "\\u003D",
  "\n": "\\u000A",
  "\r": "\\u000D",
  "\t": "\\u0009",
};

/** As `fmt.Sprint`: a blank between two values of which neither is a text. */
function spaced(values: readonly Value[]): string {
  return values
    .map((value, index) => {
      const needsBlank = index > 0 && typeof value !== "string" && typeof values[index - 1] !== "string";
      return `${needsBlank ? " " : ""}${textOfValue(value)}`;
    })
    .join("");
}

function isEqual(first: Value, second: Value): boolean {
  if (isNothing(first) || isNothing(second)) return isNothing(first) && isNothing(second);
  if (typeof first !== typeof second)
    throw new Error(`cannot compare ${kindOf(first)} with ${kindOf(second)}`);
  return typeof first === "object"
    ? JSON.stringify(toPlain(first)) === JSON.stringify(toPlain(second))
    : first === second;
}

function isNothing(value: Value): value is null | undefined {
  return value === null || value === undefined;
}

function order(first: Value, second: Value): number {
  if (typeof first === "number" && typeof second === "number") return first - second;
  if (typeof first === "string" && typeof second === "string")
    return Buffer.compare(Buffer.from(first), Buffer.from(second));
  throw new Error(`cannot order ${kindOf(first)} and ${kindOf(second)}`);
}

function lengthOf(value: Value): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map) return value.size;
  throw new Error(`${kindOf(value)} has no length`);
}

function item(value: Value, key: Value): Value {
  if (Array.isArray(value) || typeof value === "string") {
    const index = number(key);
    const length = lengthOf(value);
    if (index < 0 || index >= length) throw new Error(`there is no item ${index} in a list of ${length}`);
    return typeof value === "string" ? Buffer.from(value)[index] : value[index];
  }
  if (value === null || value === undefined) throw new Error("there is nothing to take an item of");
  return fieldOf(value, text(key));
}
