import type { Budget } from "../evaluate/budget.ts";
import { FunctionError } from "../evaluate/function.ts";
import { attributeOf, elementOf, LookupError } from "../evaluate/lookup.ts";
import { ConversionError, convert } from "../values/convert.ts";
import type { Type } from "../values/type.ts";
import { anyType, listOf, mapOf, sameType, setOf, stringType, tupleOf, typeName } from "../values/type.ts";
import { unify } from "../values/unify.ts";
import type { KnownValue, Value } from "../values/value.ts";
import {
  boolValue,
  integerValue,
  listValue,
  mapValue,
  objectValue,
  sameValue,
  setValue,
  stringValue,
  tupleValue,
  typeOf,
} from "../values/value.ts";
import { define, defineRest } from "./define.ts";

type Sequence = Extract<Value, { kind: "list" | "tuple" }>;
type Entries = Extract<Value, { kind: "map" | "object" }>;

export const collectionFunctions = {
  chunklist: define({ list: "list", size: "integer" }, ({ list, size }) => chunks(list, size)),
  coalesce: defineRest({}, ["vals", "nullable"], (_, values) => firstNonNull(values)),
  coalescelist: defineRest({}, ["vals", "nullable"], (_, values) => firstFilled(values)),
  compact: define({ list: "texts" }, ({ list }) =>
    listValue(
      stringType,
      list.filter((item) => item !== null && item !== "").map((item) => stringValue(item ?? "")),
    ),
  ),
  concat: defineRest({}, ["seqs", "value"], (_, sequences) => concatenated(sequences)),
  contains: define({ list: "value", value: "nullable" }, ({ list, value }) => {
    const items = itemsOf(list, "argument must be list, tuple, or set");
    return boolValue(items.some((item) => isEqual(item, value)));
  }),
  distinct: define({ list: "list" }, ({ list }) => {
    const items = list.items.filter(
      (item, index) => list.items.findIndex((other) => isEqual(other, item)) === index,
    );
    return listValue(list.element, items);
  }),
  element: define({ list: "value", index: "integer" }, ({ list, index }) => {
    const items = sequenceOf(list, `cannot read elements from ${typeName(typeOf(list))}`);
    const found = items.at(((index % items.length) + items.length) % items.length);
    if (found === undefined) throw new FunctionError("cannot use element function with an empty list");
    return found;
  }),
  flatten: define({ list: "value" }, ({ list }, budget) =>
    tupleValue(flattened(itemsOf(list, "can only flatten lists, sets and tuples"), budget)),
  ),
  index: define({ collection: "value", key: "value" }, ({ collection, key }) => indexed(collection, key)),
  keys: define({ inputMap: "value" }, ({ inputMap }) => {
    const { kind, entries } = entriesOf(inputMap, "must have map or object type");
    const keys = Array.from(entries.keys(), stringValue);
    return kind === "map" ? listValue(stringType, keys) : tupleValue(keys);
  }),
  length: define({ collection: "value" }, ({ collection }) => integerValue(lengthOf(collection))),
  lookup: define(
    { inputMap: "value", key: "text", default: "value" },
    ({ inputMap, key, default: fallback }) => {
      const map = entriesOf(inputMap, "lookup() requires a map as the first argument");
      const found = map.entries.get(key);
      if (map.kind === "object") return found ?? fallback;
      const converted = fitted(
        fallback,
        map.element,
        2,
        "the default value must have the same type as the map elements",
      );
      return found ?? converted;
    },
  ),
  merge: defineRest({}, ["maps", "nullable"], (_, maps) => merged(maps)),
  setintersection: defineRest({ first_set: "set" }, ["other_sets", "set"], ({ first_set }, others) =>
    combinedSets([first_set, ...others], (items, other) =>
      items.filter((item) => other.some((next) => sameValue(item, next))),
    ),
  ),
  setproduct: defineRest({}, ["sets", "value"], (_, sets, budget) => product(sets, budget)),
  setunion: defineRest({ first_set: "set" }, ["other_sets", "set"], ({ first_set }, others) =>
    combinedSets([first_set, ...others], (items, other) => [...items, ...other]),
  ),
  slice: define(
    { list: "value", start_index: "integer", end_index: "integer" },
    ({ list, start_index, end_index }) => sliced(list, start_index, end_index),
  ),
  values: define({ mapping: "value" }, ({ mapping }) => {
    const map = entriesOf(mapping, "values() requires a map as the first argument");
    const items = [...map.entries.values()];
    return map.kind === "map" ? listValue(map.element, items) : tupleValue(items);
  }),
  zipmap: define({ keys: "texts", values: "value" }, ({ keys, values }) => zipped(keys, values)),
};

/** Unlike sets, which hold one type, `==` compares values of any. */
function isEqual(a: Value, b: Value): boolean {
  return sameValue(a, b) && sameType(typeOf(a), typeOf(b));
}

function itemsOf(value: Value, otherwise: string): readonly Value[] {
  if (value.kind === "list" || value.kind === "set" || value.kind === "tuple") return value.items;
  throw new FunctionError(otherwise);
}

function sequenceOf(value: Value, otherwise: string): readonly Value[] {
  if (value.kind === "list" || value.kind === "tuple") return value.items;
  throw new FunctionError(otherwise);
}

function entriesOf(value: Value, otherwise: string): Entries {
  if (value.kind === "map" || value.kind === "object") return value;
  throw new FunctionError(otherwise, 0);
}

function fitted(value: Value, type: Type, argument: number, otherwise: string): Value {
  try {
    return convert(value, type);
  } catch (error) {
    if (error instanceof ConversionError) throw new FunctionError(otherwise, argument);
    throw error;
  }
}

function chunks(list: Extract<Value, { kind: "list" }>, size: number): Value {
  if (size < 0) throw new FunctionError("the size argument must be positive", 1);
  const each = size === 0 ? list.items.length : size;
  const count = each === 0 ? 0 : Math.ceil(list.items.length / each);
  const lists = Array.from({ length: count }, (_, index) =>
    listValue(list.element, list.items.slice(index * each, (index + 1) * each)),
  );
  return listValue(listOf(list.element), lists);
}

function firstNonNull(values: readonly Value[]): Value {
  const type = unify(values.map(typeOf), true);
  if (type === null) throw new FunctionError("all arguments must have the same type");
  const found = values.find(({ kind }) => kind !== "null");
  if (found === undefined) throw new FunctionError("no non-null arguments");
  return convert(found, type);
}

function firstFilled(values: readonly Value[]): Value {
  if (values.length === 0) throw new FunctionError("at least one argument is required");
  const wrong = values.find((value) => !["list", "tuple"].includes(typeOf(value).kind));
  if (wrong !== undefined) throw new FunctionError("coalescelist arguments must be lists or tuples");
  const found = values.find((value) => "items" in value && value.items.length > 0);
  if (found === undefined) throw new FunctionError("no non-null arguments");
  return found;
}

/** Lists of types that go together make a list; anything else makes a tuple. */
function concatenated(sequences: readonly KnownValue[]): Value {
  if (sequences.length === 0) throw new FunctionError("at least one argument is required");
  const known = sequences.map((value, index): Sequence => {
    if (value.kind === "list" || value.kind === "tuple") return value;
    throw new FunctionError(`all arguments must be lists or tuples; got ${typeName(typeOf(value))}`, index);
  });
  const type = known.every(({ kind }) => kind === "list") ? unify(known.map(typeOf), true) : null;
  if (type?.kind !== "list") return tupleValue(known.flatMap(({ items }) => items));
  const lists = known.map((value) => convert(value, type));
  return listValue(
    type.element,
    lists.flatMap((list) => ("items" in list ? list.items : [])),
  );
}

function flattened(items: readonly Value[], budget: Budget): Value[] {
  budget.spend(items.length);
  return items.flatMap((item) =>
    item.kind === "list" || item.kind === "set" || item.kind === "tuple"
      ? flattened(item.items, budget)
      : [item],
  );
}

function indexed(collection: KnownValue, key: KnownValue): Value {
  const wanted = collection.kind === "map" ? "string" : "number";
  if (!["list", "tuple", "map"].includes(collection.kind))
    throw new FunctionError("collection must be a list, a map or a tuple");
  if (key.kind !== wanted) throw new FunctionError(`key for ${collection.kind} must be ${wanted}`);
  try {
    return collection.kind === "map" && key.kind === "string"
      ? attributeOf(collection, key.text)
      : elementOf(collection, key);
  } catch (error) {
    if (error instanceof LookupError)
      throw new FunctionError(`invalid index: ${error.message.replace(/\.$/, "")}`);
    throw error;
  }
}

function lengthOf(collection: KnownValue): number {
  if ("items" in collection) return collection.items.length;
  if (collection.kind === "map") return collection.entries.size;
  throw new FunctionError("collection must be a list, a map or a tuple");
}

/** Maps of one type make a map; anything else makes an object. */
function merged(maps: readonly Value[]): Value {
  const entries: [string, Value][] = [];
  for (const value of maps) {
    if (value.kind === "map" || value.kind === "object") entries.push(...value.entries);
    else if (value.kind !== "null" || !["any", "map", "object"].includes(value.type.kind)) {
      throw new FunctionError(
        `arguments must be maps or objects, got ${JSON.stringify(typeName(typeOf(value)))}`,
      );
    }
  }
  const [first, ...others] = maps;
  const isOneType =
    first?.kind === "map" && others.every((other) => sameType(typeOf(other), mapOf(first.element)));
  return isOneType ? mapValue(first.element, entries) : objectValue(entries);
}

type SetOf = Extract<Value, { kind: "set" }>;

function combinedSets(
  sets: readonly SetOf[],
  combine: (items: readonly Value[], other: readonly Value[]) => Value[],
): Value {
  const types = sets
    .filter(({ items, element }) => items.length > 0 || element.kind !== "any")
    .map(({ element }) => element);
  const element = types.length === 0 ? anyType : unify(types, true);
  if (element === null) throw new FunctionError("given sets must all have compatible element types");
  const [first = [], ...others] = sets.map((set) => {
    const converted = convert(set, setOf(element));
    return converted.kind === "set" ? converted.items : [];
  });
  return setValue(
    element,
    others.reduce<readonly Value[]>((items, other) => combine(items, other), first),
  );
}

/** Every combination, the last collection going round fastest. */
function product(collections: readonly KnownValue[], budget: Budget): Value {
  if (collections.length < 2) throw new FunctionError("at least two arguments are required");
  const columns = collections.map((collection, index) => column(collection, index));
  const count = columns.reduce((total, { items }) => total * items.length, 1);
  budget.spend(count * columns.length);
  const rows = columns.reduce<readonly (readonly Value[])[]>(
    (before, { items }) => before.flatMap((row) => items.map((item) => [...row, item])),
    [[]],
  );
  const element = tupleOf(columns.map(({ type }) => type));
  const tuples = rows.map((row) => tupleValue(row));
  return collections.every(({ kind }) => kind !== "set")
    ? listValue(element, tuples)
    : setValue(element, tuples);
}

function column(collection: KnownValue, argument: number): { type: Type; items: readonly Value[] } {
  if (collection.kind === "list" || collection.kind === "set")
    return { type: collection.element, items: collection.items };
  if (collection.kind !== "tuple") throw new FunctionError("a set or a list is required", argument);
  if (collection.items.length === 0) return { type: anyType, items: [] };
  const type = unify(collection.items.map(typeOf), true);
  if (type === null) throw new FunctionError("all elements must be of the same type", argument);
  return { type, items: collection.items.map((item) => convert(item, type)) };
}

function sliced(list: KnownValue, start: number, end: number): Value {
  if (list.kind === "set")
    throw new FunctionError(
      "cannot slice a set, because its elements do not have indices; explicitly convert to a list if the ordering of the result is not important",
      0,
    );
  const items = sequenceOf(list, "must be a list or tuple value");
  for (const [argument, name, value] of [
    [1, "start", start],
    [2, "end", end],
  ] as const) {
    if (value < 0) throw new FunctionError(`${name} index must not be less than zero`, argument);
    if (value > items.length)
      throw new FunctionError(`${name} index must not be greater than the length of the list`, argument);
  }
  if (start > end) throw new FunctionError("start index must not be greater than end index", 1);
  const part = items.slice(start, end);
  return list.kind === "list" ? listValue(list.element, part) : tupleValue(part);
}

function zipped(keys: readonly (string | null)[], values: KnownValue): Value {
  const items = sequenceOf(values, "values argument must be a list or tuple value");
  if (keys.length !== items.length) {
    throw new FunctionError(
      `number of keys (${keys.length}) does not match number of values (${items.length})`,
    );
  }
  const missing = keys.indexOf(null);
  if (missing >= 0) throw new FunctionError(`keys list has null value at index ${missing}`);
  const entries = items.map((item, index): [string, Value] => [keys[index] ?? "", item]);
  return values.kind === "list" ? mapValue(values.element, entries) : objectValue(entries);
}
