import { matchesRegexp } from "../regexp/regexp.ts";
import type { Comparison, Filter, Quantifier, Selector } from "./filter.ts";

/** Values by the names that quantifiers give them; what none of them names is a field of the row. */
type Names = Readonly<Record<string, unknown>>;

/** Whether a filter holds for a row of JSON. */
export function matchesFilter(filter: Filter, row: object): boolean {
  return holds(filter, row, {});
}

function holds(filter: Filter, row: object, names: Names): boolean {
  switch (filter.kind) {
    case "and":
      return holds(filter.left, row, names) && holds(filter.right, row, names);
    case "or":
      return holds(filter.left, row, names) || holds(filter.right, row, names);
    case "not":
      return !holds(filter.inner, row, names);
    case "comparison":
      return passes(filter, valueAt(filter.selector, row, names)) !== filter.negated;
    case "any":
    case "all":
      return quantified(filter, row, names);
  }
}

/** What a selector does not find equals nothing, contains nothing and is empty. */
function passes({ test }: Comparison, value: unknown): boolean {
  switch (test.operator) {
    case "equals":
      return equals(value, test.value);
    case "contains":
      return contains(value, test.value);
    case "matches":
      return typeof value === "string" && matchesRegexp(test.regexp, value);
    case "is empty":
      return isEmpty(value);
  }
}

function equals(value: unknown, text: string): boolean {
  if (typeof value === "number") return value === Number(text);
  if (typeof value === "boolean") return value === truth(text);
  return value === text;
}

/** As the text of a truth value is read in Consul. */
export function truth(text: string): boolean | null {
  if (["1", "t", "T", "TRUE", "true", "True"].includes(text)) return true;
  return ["0", "f", "F", "FALSE", "false", "False"].includes(text) ? false : null;
}

function contains(value: unknown, text: string): boolean {
  if (typeof value === "string") return value.includes(text);
  if (Array.isArray(value)) return value.some((item) => equals(item, text));
  return typeof value === "object" && value !== null && Object.hasOwn(value, text);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === "string" || Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function valueAt([first = "", ...path]: Selector, row: object, names: Names): unknown {
  return path.reduce(member, Object.hasOwn(names, first) ? names[first] : member(row, first));
}

function member(value: unknown, name: string): unknown {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

function quantified(
  { kind, selector, names: [first, second], inner }: Quantifier,
  row: object,
  names: Names,
) {
  const each = itemsOf(valueAt(selector, row, names)).map(([key, item]) =>
    holds(inner, row, {
      ...names,
      ...(second === null ? { [first]: item.alone } : { [first]: key, [second]: item.value }),
    }),
  );
  return kind === "any" ? each.includes(true) : !each.includes(false);
}

/** With one name, that stands for an item of a list or a key of a map; with two, for key and value. */
function itemsOf(value: unknown): (readonly [key: unknown, item: { alone: unknown; value: unknown }])[] {
  if (Array.isArray(value)) return value.map((item, i) => [i, { alone: item, value: item }]);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).map(([key, item]) => [key, { alone: key, value: item }]);
}
