import type { Captures, Regexp } from "#model/regexp/regexp.ts";
import { compileRegexp, replaceMatches } from "#model/regexp/regexp.ts";
import { RegexpError } from "#model/regexp/syntax.ts";
import type { Budget } from "../evaluate/budget.ts";
import { FunctionError } from "../evaluate/function.ts";
import { compareText, graphemes, withoutLeadingSpace, withoutTrailingSpace } from "../values/text.ts";
import { stringType } from "../values/type.ts";
import type { Value } from "../values/value.ts";
import { integerValue, listValue, stringValue } from "../values/value.ts";
import { define, defineRest } from "./define.ts";
import { formatFunctions } from "./format.ts";

const reverse = define({ str: "text" }, ({ str }) => stringValue(graphemes(str).reverse().join("")));

export const stringFunctions = {
  ...formatFunctions,
  chomp: define({ str: "text" }, ({ str }) => stringValue(str.replace(/[\r\n]+$/, ""))),
  indent: define({ spaces: "integer", str: "text" }, ({ spaces, str }, budget) => {
    if (spaces < 0) throw new FunctionError("the number of spaces must not be negative", 0);
    const lines = str.split("\n");
    budget.spendText(spaces * lines.length);
    return stringValue(lines.join(`\n${" ".repeat(spaces)}`));
  }),
  join: defineRest({ separator: "text" }, ["lists", "texts"], ({ separator }, lists, budget) => {
    if (lists.length === 0) throw new FunctionError("at least one list is required");
    const items = lists.flatMap((list, index) =>
      withoutNulls(list, index + 1, "cannot concatenate null values"),
    );
    budget.spendText(separator.length * items.length);
    return stringValue(items.join(separator));
  }),
  lower: define({ str: "text" }, ({ str }) =>
    stringValue(mapCharacters(str, (character) => character.toLowerCase())),
  ),
  regex_replace: define({ str: "text", pattern: "text", replace: "text" }, (given, budget) =>
    regexReplace(given, budget),
  ),
  replace: define({ str: "text", substr: "text", replace: "text" }, ({ str, substr, replace }, budget) => {
    const parts = substr === "" ? ["", ...str, ""] : str.split(substr);
    budget.spendText(parts.length * replace.length);
    return stringValue(parts.join(replace));
  }),
  reverse,
  sort: define({ list: "texts" }, ({ list }) => {
    const items = withoutNulls(list, 0, "a null string cannot be sorted");
    return texts(items.toSorted(compareText));
  }),
  split: define({ separator: "text", str: "text" }, ({ separator, str }) =>
    texts(separator === "" ? [...str] : str.split(separator)),
  ),
  strlen: define({ str: "text" }, ({ str }) => integerValue(graphemes(str).length)),
  strrev: reverse,
  substr: define({ str: "text", offset: "integer", length: "integer" }, ({ str, offset, length }) =>
    stringValue(substring(graphemes(str), offset, length).join("")),
  ),
  title: define({ str: "text" }, ({ str }) => stringValue(titled(str))),
  trim: define({ str: "text", cutset: "text" }, ({ str, cutset }) =>
    stringValue(trimmed([...str], new Set(cutset))),
  ),
  trimprefix: define({ str: "text", prefix: "text" }, ({ str, prefix }) =>
    stringValue(str.startsWith(prefix) ? str.slice(prefix.length) : str),
  ),
  trimspace: define({ str: "text" }, ({ str }) =>
    stringValue(withoutLeadingSpace(withoutTrailingSpace(str))),
  ),
  trimsuffix: define({ str: "text", suffix: "text" }, ({ str, suffix }) =>
    stringValue(str.endsWith(suffix) ? str.slice(0, str.length - suffix.length) : str),
  ),
  upper: define({ str: "text" }, ({ str }) =>
    stringValue(mapCharacters(str, (character) => character.toUpperCase())),
  ),
};

function texts(items: readonly string[]): Value {
  return listValue(stringType, items.map(stringValue));
}

function withoutNulls(list: readonly (string | null)[], argument: number, why: string): string[] {
  return list.map((item, index) => {
    if (item === null) throw new FunctionError(`element ${index} is null; ${why}`, argument);
    return item;
  });
}

/** Case is changed character by character: what would become several characters stays as it is. */
function mapCharacters(text: string, change: (character: string) => string): string {
  if (/^[\0-\x7f]*$/.test(text)) return change(text);
  return Array.from(text, (character) => {
    const changed = change(character);
    if ([...changed].length === 1) return changed;
    return character === "İ" ? "i" : character;
  }).join("");
}

/** A letter is the first of a word when neither letter, digit nor underscore is before it. */
function titled(text: string): string {
  let before = " ";
  return Array.from(text, (character) => {
    const startsWord = !/[\p{L}\p{N}_]/u.test(before) && (before.charCodeAt(0) < 128 || /\s/.test(before));
    before = character;
    return startsWord ? mapCharacters(character, (letter) => letter.toUpperCase()) : character;
  }).join("");
}

/** A negative offset counts from the end; a negative length means all the rest. */
function substring(characters: readonly string[], offset: number, length: number): readonly string[] {
  const start = offset < 0 ? Math.max(0, offset + characters.length) : offset;
  if (length < 0) return characters.slice(start);
  const takesAll = length === 0 && offset < 0;
  return takesAll ? characters.slice(start) : characters.slice(start, start + length);
}

function trimmed(characters: readonly string[], cutset: ReadonlySet<string>): string {
  let [start, end] = [0, characters.length];
  while (start < end && cutset.has(characters[start] ?? "")) start++;
  while (end > start && cutset.has(characters[end - 1] ?? "")) end--;
  return characters.slice(start, end).join("");
}

function regexReplace(
  { str, pattern, replace }: { str: string; pattern: string; replace: string },
  budget: Budget,
): Value {
  try {
    const regexp = compileRegexp(pattern);
    const template = templateOf(regexp, replace);
    const result = replaceMatches(regexp, str, (captures) => {
      const text = template
        .map((part) => (typeof part === "string" ? part : captured(str, captures, part)))
        .join("");
      budget.spendText(text.length);
      return text;
    });
    return stringValue(result);
  } catch (error) {
    if (error instanceof RegexpError) throw new FunctionError(`error parsing regexp: ${error.message}`, 1);
    throw error;
  }
}

/** $1, $name and ${name} stand for groups, $$ for a dollar; unknown groups for nothing. */
function templateOf({ groupNames }: Regexp, text: string): (string | number)[] {
  const parts: (string | number)[] = [];
  let copied = 0;
  for (const match of text.matchAll(/\$(?:(\$)|(\w+)|\{(\w+)\})/g)) {
    const name = match[2] ?? match[3];
    parts.push(text.slice(copied, match.index));
    copied = match.index + match[0].length;
    if (name === undefined) parts.push("$");
    else parts.push(/^\d+$/.test(name) ? Number(name) : groupNames.indexOf(name));
  }
  return [...parts, text.slice(copied)];
}

function captured(text: string, captures: Captures, group: number): string {
  const [start = -1, end = -1] = group < 0 ? [] : captures.slice(group * 2, group * 2 + 2);
  return start < 0 ? "" : text.slice(start, end);
}
