import type { TemplateFunctions } from "../execute.ts";
import { entriesOf, fieldOf, type Value } from "../value.ts";
import { list, map, number, text } from "./arguments.ts";

/** Lists and maps. What is searched in comes first or last as consul-template has it. */
export const collectionFunctions: TemplateFunctions = {
  in: (values, item) => has(values, item),
  contains: (item, values) => has(values, item),
  containsAll: (items, values) => list(items).every((item) => has(values, item)),
  containsAny: (items, values) => list(items).some((item) => has(values, item)),
  containsNone: (items, values) => !list(items).some((item) => has(values, item)),
  containsNotAll: (items, values) => !list(items).every((item) => has(values, item)),
  loop: (...bounds) => {
    const [from, to] = bounds.length > 1 ? [number(bounds[0]), number(bounds[1])] : [0, number(bounds[0])];
    if (to - from > 100_000) throw new Error("more than 100000 numbers are too many");
    return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
  },
  byKey: (pairs) =>
    grouped(
      list(pairs),
      (pair) => [text(fieldOf(pair, "Key")).split("/").slice(0, -1).join("/")],
      (pair) => text(fieldOf(pair, "Key")).split("/").at(-1) ?? "",
    ),
  byTag: (services) => grouped(list(services), (service) => list(fieldOf(service, "Tags")).map(text), null),
  byMeta: (keys, services) => {
    const names = text(keys)
      .split(",")
      .map((key) => key.split("|")[0] ?? "");
    const groupName = (service: Value) =>
      names.map((name) => text(fieldOf(fieldOf(service, "ServiceMeta"), name) ?? "")).join("_");
    return grouped(list(services), (service) => [groupName(service)], null);
  },
  explode: (pairs) =>
    list(pairs).reduce<Map<string, Value>>(
      (tree, pair) => planted(tree, text(fieldOf(pair, "Key")).split("/"), fieldOf(pair, "Value")),
      new Map(),
    ),
  explodeMap: (flat) =>
    [...map(flat)].reduce<Map<string, Value>>(
      (tree, [key, value]) => planted(tree, key.split("/"), value),
      new Map(),
    ),
  mergeMap: (others, own) => merged(map(own), map(others), false),
  mergeMapWithOverride: (others, own) => merged(map(own), map(others), true),
};

function has(values: Value, item: Value): boolean {
  if (typeof values === "string") return values.includes(text(item));
  const entries = entriesOf(values);
  if (entries !== null) return entries.some(([, value]) => value === item);
  return list(values).includes(item);
}

function grouped(
  items: readonly Value[],
  groupsOf: (item: Value) => readonly string[],
  keyOf: ((item: Value) => string) | null,
): Value {
  const groups = new Map<string, Value[]>();
  for (const item of items)
    for (const group of groupsOf(item)) groups.set(group, [...(groups.get(group) ?? []), item]);
  if (keyOf === null) return groups;
  return new Map(
    [...groups].map(([name, members]) => [name, new Map(members.map((each) => [keyOf(each), each]))]),
  );
}

function planted(
  tree: Map<string, Value>,
  [head = "", ...rest]: readonly string[],
  value: Value,
): Map<string, Value> {
  if (rest.length === 0) {
    if (head !== "") tree.set(head, value);
    return tree;
  }
  const inner = tree.get(head);
  return tree.set(head, planted(inner instanceof Map ? inner : new Map(), rest, value));
}

function merged(
  own: ReadonlyMap<string, Value>,
  others: ReadonlyMap<string, Value>,
  isOverride: boolean,
): Value {
  const result = new Map(own);
  for (const [key, value] of others) {
    const known = result.get(key);
    if (known instanceof Map && value instanceof Map) result.set(key, merged(known, value, isOverride));
    else if (isOverride || !result.has(key)) result.set(key, value);
  }
  return result;
}
