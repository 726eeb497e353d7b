import { randomUUID } from "node:crypto";
import type { TemplateFunctions } from "../execute.ts";
import { fieldOf, isTrue, textOfValue, toPlain } from "../value.ts";
import { list, map, number, pattern, text } from "./arguments.ts";
import { indented } from "./text.ts";

/** Those of sprig's functions that job files use; consul-template gives them the prefix `sprig_`. */
const functions: TemplateFunctions = {
  default: (fallback, value) => (isTrue(value) ? value : fallback),
  empty: (value) => !isTrue(value),
  coalesce: (...values) => values.find(isTrue),
  ternary: (yes, no, condition) => (isTrue(condition) ? yes : no),
  upper: (value) => text(value).toUpperCase(),
  lower: (value) => text(value).toLowerCase(),
  trim: (value) => text(value).trim(),
  trimAll: (characters, value) =>
    text(value).replaceAll(
      new RegExp(`^[${escaped(text(characters))}]+|[${escaped(text(characters))}]+$`, "g"),
      "",
    ),
  trimSuffix: (suffix, value) =>
    text(value).endsWith(text(suffix))
      ? text(value).slice(0, text(value).length - text(suffix).length)
      : value,
  trimPrefix: (prefix, value) =>
    text(value).startsWith(text(prefix)) ? text(value).slice(text(prefix).length) : value,
  repeat: (count, value) => text(value).repeat(Math.min(number(count), 10_000)),
  replace: (from, to, value) => text(value).replaceAll(text(from), () => text(to)),
  contains: (part, value) => text(value).includes(text(part)),
  hasPrefix: (part, value) => text(value).startsWith(text(part)),
  hasSuffix: (part, value) => text(value).endsWith(text(part)),
  quote: (...values) => values.map((value) => JSON.stringify(textOfValue(value))).join(" "),
  squote: (...values) => values.map((value) => `'${textOfValue(value)}'`).join(" "),
  indent: (width, value) => indented(number(width), text(value)),
  nindent: (width, value) => `\n${indented(number(width), text(value))}`,
  nospace: (value) => text(value).replaceAll(/\s/g, ""),
  trunc: (length, value) =>
    number(length) < 0 ? text(value).slice(number(length)) : text(value).slice(0, number(length)),
  substr: (from, to, value) => text(value).slice(number(from), number(to) < 0 ? undefined : number(to)),
  splitList: (separator, value) => text(value).split(text(separator)),
  join: (separator, values) => list(values).map(textOfValue).join(text(separator)),
  sortAlpha: (values) => list(values).map(textOfValue).sort(),
  list: (...values) => values,
  dict: (...pairs) =>
    new Map(pairs.flatMap((key, index) => (index % 2 === 0 ? [[text(key), pairs[index + 1]]] : []))),
  get: (values, key) => fieldOf(values, text(key)) ?? "",
  hasKey: (values, key) => map(values).has(text(key)),
  keys: (values) => [...map(values).keys()],
  values: (values) => [...map(values).values()],
  first: (values) => list(values)[0],
  last: (values) => list(values).at(-1),
  rest: (values) => list(values).slice(1),
  initial: (values) => list(values).slice(0, -1),
  append: (values, value) => [...list(values), value],
  concat: (...lists) => lists.flatMap(list),
  uniq: (values) => [...new Set(list(values))],
  has: (item, values) => list(values).includes(item),
  until: (count) => Array.from({ length: Math.min(number(count), 100_000) }, (_, index) => index),
  add: (...values) => values.map(number).reduce((sum, value) => sum + value, 0),
  sub: (first, second) => number(first) - number(second),
  mul: (...values) => values.map(number).reduce((product, value) => product * value, 1),
  div: (first, second) => Math.trunc(number(first) / number(second)),
  mod: (first, second) => number(first) % number(second),
  max: (...values) => Math.max(...values.map(number)),
  min: (...values) => Math.min(...values.map(number)),
  int: (value) => Math.trunc(number(value)),
  toString: textOfValue,
  toJson: (value) => JSON.stringify(toPlain(value) ?? null),
  b64enc: (value) => Buffer.from(text(value)).toString("base64"),
  b64dec: (value) => Buffer.from(text(value), "base64").toString("utf8"),
  regexMatch: (expression, value) => pattern(expression).test(text(value)),
  regexFind: (expression, value) => pattern(expression).exec(text(value))?.[0] ?? "",
  uuidv4: () => randomUUID(),
  fail: (message) => {
    throw new Error(text(message));
  },
};

export const sprigFunctions: TemplateFunctions = Object.fromEntries(
  Object.entries(functions).map(([name, call]) => [`sprig_${name}`, call]),
);

function escaped(characters: string): string {
  return characters.replaceAll(/[\\\]^-]/g, "\\$&");
}
