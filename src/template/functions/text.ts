import type { TemplateFunctions } from "../execute.ts";
import type { Value } from "../value.ts";
import { list, number, pattern, text } from "./arguments.ts";

/** Texts. The text that is worked on comes last, so that it can be piped in. */
export const textFunctions: TemplateFunctions = {
  indent: (width, value) => indented(number(width), text(value)),
  join: (separator, values) => list(values).map(text).join(text(separator)),
  split: (separator, value) => splitText(text(value), text(separator)),
  splitToMap: (separator, between, value) =>
    new Map(
      splitText(text(value), text(separator)).map((pair) => {
        const [key = "", ...rest] = pair.split(text(between));
        return [key, rest.join(text(between))];
      }),
    ),
  replaceAll: (from, to, value) => text(value).replaceAll(text(from), () => text(to)),
  regexMatch: (expression, value) => pattern(expression).test(text(value)),
  regexReplaceAll: (expression, to, value) =>
    text(value).replaceAll(pattern(expression, "g"), (...found) => expanded(text(to), found)),
  toLower: (value) => text(value).toLowerCase(),
  toUpper: (value) => text(value).toUpperCase(),
  toTitle: (value) =>
    text(value).replaceAll(
      /(^|[^\p{L}\p{N}'])(\p{Ll})/gu,
      (_, before, letter) => before + letter.toUpperCase(),
    ),
  trim: (characters, value) => trimmedRight(trimmedLeft(text(value), text(characters)), text(characters)),
  trimLeft: (characters, value) => trimmedLeft(text(value), text(characters)),
  trimRight: (characters, value) => trimmedRight(text(value), text(characters)),
  trimPrefix: (prefix, value) => {
    const [head, all] = [text(prefix), text(value)];
    return all.startsWith(head) ? all.slice(head.length) : all;
  },
  trimSuffix: (suffix, value) => {
    const [tail, all] = [text(suffix), text(value)];
    return tail !== "" && all.endsWith(tail) ? all.slice(0, -tail.length) : all;
  },
  trimSpace: (value) => text(value).trim(),
};

/** An empty text is a list of one empty text, as in Go; consul-template makes it an empty list. */
export function splitText(value: string, separator: string): string[] {
  return value.trim() === "" ? [] : value.split(separator);
}

export function indented(width: number, value: string): string {
  const blanks = " ".repeat(width);
  return value
    .split("\n")
    .map((line) => (line === "" ? line : blanks + line))
    .join("\n");
}

/** `$1`, `${1}` and `${name}`, as Go's regexp expands them. */
function expanded(template: string, found: readonly unknown[]): string {
  const last = found.at(-1);
  const named = typeof last === "object" && last !== null ? (last as Record<string, Value>) : {};
  return template.replaceAll(/\$(?:\{(\w+)\}|(\w+)|\$)/g, (whole, braced?: string, plain?: string) => {
    const name = braced ?? plain;
    if (name === undefined) return whole === "$$" ? "$" : whole;
    const group = /^\d+$/.test(name) ? found[Number(name)] : named[name];
    return typeof group === "string" ? group : "";
  });
}

function trimmedLeft(value: string, characters: string): string {
  let start = 0;
  while (start < value.length && characters.includes(value[start] ?? "")) start += 1;
  return value.slice(start);
}

function trimmedRight(value: string, characters: string): string {
  let end = value.length;
  while (end > 0 && characters.includes(value[end - 1] ?? "")) end -= 1;
  return value.slice(0, end);
}
