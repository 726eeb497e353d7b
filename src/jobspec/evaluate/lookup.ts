import { suggestion } from "#model/spelling.ts";
import { ConversionError, convert } from "../values/convert.ts";
import { isInteger, truncated } from "../values/number.ts";
import { numberType, stringType } from "../values/type.ts";
import type { Value } from "../values/value.ts";
import { integerValue, unknown } from "../values/value.ts";

/** Something is not there; for a message about the expression that asked for it. */
export class LookupError extends Error {
  readonly summary: string;

  constructor(summary: string, detail: string) {
    super(detail);
    this.summary = summary;
  }
}

/** `value.name`. Throws a LookupError. */
export function attributeOf(value: Value, name: string): Value {
  const quoted = JSON.stringify(name);
  switch (value.kind) {
    case "unknown":
      return unknown;
    case "null":
      throw new LookupError(
        "Attempt to get attribute from null value",
        `This value is null, so it does not have any attributes: there is no ${quoted}.`,
      );
    case "object":
    case "map": {
      const found = value.entries.get(name);
      if (found !== undefined) return found;
      const hint = suggestion(name, value.entries.keys());
      throw value.kind === "object"
        ? new LookupError(
            "Unsupported attribute",
            `This object does not have an attribute named ${quoted}.${hint}`,
          )
        : new LookupError(
            "Missing map element",
            `This map does not have an element with the key ${quoted}.${hint}`,
          );
    }
    case "list":
    case "set":
    case "tuple":
      throw new LookupError(
        "Unsupported attribute",
        `A ${value.kind} has no attributes. For the attribute ${quoted} of each of its items write [*].${name}.`,
      );
    case "string":
    case "number":
    case "bool":
      throw new LookupError(
        "Unsupported attribute",
        `This value is a ${value.kind}; it does not have any attributes, so there is no ${quoted}.`,
      );
  }
}

/** `value[key]`. Throws a LookupError. */
export function elementOf(value: Value, key: Value): Value {
  if (value.kind === "unknown" || key.kind === "unknown") return unknown;
  if (value.kind === "null")
    throw new LookupError(
      "Attempt to index null value",
      "This value is null, so it does not have any indices.",
    );
  if (key.kind === "null")
    throw new LookupError("Invalid index", "Can't use a null value as an indexing key.");
  switch (value.kind) {
    case "list":
    case "tuple":
      return itemAt(value.kind, value.items, key);
    case "map":
    case "object":
      return entryAt(value.kind, value.entries, key);
    case "set":
      throw new LookupError(
        "Invalid index",
        "Elements of a set are identified only by their value and don't have any separate index or key to select with.",
      );
    case "string":
    case "number":
    case "bool":
      throw new LookupError("Invalid index", `This value is a ${value.kind}; it does not have any indices.`);
  }
}

function asKey(key: Value, type: typeof numberType | typeof stringType): Value {
  try {
    return convert(key, type);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    throw new LookupError(
      "Invalid index",
      `The given key does not identify an element in this collection value: ${error.message}.`,
    );
  }
}

function itemAt(kind: string, items: readonly Value[], key: Value): Value {
  const converted = asKey(key, numberType);
  if (converted.kind !== "number") return unknown;
  const { number } = converted;
  if (!isInteger(number))
    throw new LookupError(
      "Invalid index",
      "The given key does not identify an element in this collection value: a whole number is required.",
    );
  const index = truncated(number);
  const found = index >= 0n && index < items.length ? items[Number(index)] : undefined;
  if (found !== undefined) return found;
  const range =
    items.length === 0 ? `the ${kind} is empty` : `the ${kind} has the indices 0 to ${items.length - 1}`;
  throw new LookupError(
    "Invalid index",
    `The given key, ${index}, does not identify an element in this collection value: ${range}.`,
  );
}

function entryAt(kind: string, entries: ReadonlyMap<string, Value>, key: Value): Value {
  const converted = asKey(key, stringType);
  if (converted.kind !== "string") return unknown;
  const found = entries.get(converted.text);
  if (found !== undefined) return found;
  const hint = suggestion(converted.text, entries.keys());
  throw new LookupError(
    "Invalid index",
    `The given key, ${JSON.stringify(converted.text)}, does not identify an element in this ${kind}.${hint}`,
  );
}

/** What a `for`, a splat or a `dynamic` goes through: keys and values, or null where a value cannot be gone through. */
export function elementsOf(value: Value): readonly (readonly [key: Value, value: Value])[] | null {
  switch (value.kind) {
    case "list":
    case "tuple":
      return value.items.map((item, index) => [integerValue(index), item]);
    case "set":
      return value.items.map((item) => [item, item]);
    case "map":
    case "object":
      return Array.from(value.entries, ([key, item]) => [{ kind: "string", text: key }, item]);
    case "null":
    case "unknown":
    case "string":
    case "number":
    case "bool":
      return null;
  }
}
