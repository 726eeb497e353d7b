import { parseNumber, toText } from "./number.ts";
import type { Type } from "./type.ts";
import { anyType, hasAny, isPrimitive, sameType, typeName } from "./type.ts";
import { canConvert, elementType } from "./unify.ts";
import type { Value } from "./value.ts";
import {
  boolValue,
  listValue,
  mapValue,
  numberValue,
  objectValue,
  setValue,
  stringValue,
  tupleValue,
  typeOf,
} from "./value.ts";

/** A value that does not fit where it is used. The message ends a sentence: "…: a number is required." */
export class ConversionError extends Error {}

/** The value as one of the wanted type. Throws a ConversionError. */
export function convert(value: Value, wanted: Type): Value {
  const from = typeOf(value);
  if (wanted.kind === "any" || sameType(from, wanted)) return value;
  if (!canConvert(from, wanted, true)) throw new ConversionError(mismatch(from, wanted));
  return converted(value, from, wanted);
}

function converted(value: Value, from: Type, wanted: Type): Value {
  if (wanted.kind === "any" || sameType(from, wanted)) return value;
  switch (value.kind) {
    case "null":
    case "unknown":
      return { kind: value.kind, type: wanted };
    case "string":
      return textTo(value.text, wanted);
    case "number":
      return stringValue(toText(value.number));
    case "bool":
      return stringValue(String(value.truth));
    case "list":
    case "set":
    case "tuple":
      return sequenceTo(value.items, wanted);
    case "map":
    case "object":
      return entriesTo(value.entries, wanted);
  }
}

function textTo(text: string, wanted: Type): Value {
  if (wanted.kind === "number") {
    const number = parseNumber(text);
    if (number === null) throw new ConversionError("a number is required");
    return numberValue(number);
  }
  if (text === "true" || text === "1") return boolValue(true);
  if (text === "false" || text === "0") return boolValue(false);
  const lower = text.toLowerCase();
  const hint =
    lower === "true" || lower === "false" ? `; to convert from string, use lowercase "${lower}"` : "";
  throw new ConversionError(`a bool is required${hint}`);
}

/** Says which part of a value is at fault. */
function part<Result>(name: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof ConversionError) throw new ConversionError(`${name}: ${error.message}`);
    throw error;
  }
}

function sequenceTo(items: readonly Value[], wanted: Type): Value {
  if (wanted.kind === "tuple") {
    return tupleValue(
      items.map((item, index) =>
        part(`element ${index}`, () => convert(item, wanted.elements[index] ?? anyType)),
      ),
    );
  }
  if (wanted.kind !== "list" && wanted.kind !== "set") throw new ConversionError(`${wanted.kind} required`);
  const common = elementType(items.map(typeOf), wanted.element, true) ?? anyType;
  const elements = items.map((item, index) => part(`element ${index}`, () => convert(item, common)));
  const element = settled(common, elements);
  return wanted.kind === "list" ? listValue(element, elements) : setValue(element, elements);
}

function entriesTo(entries: ReadonlyMap<string, Value>, wanted: Type): Value {
  if (wanted.kind === "object") {
    const missing = [...wanted.attributes.keys()].filter((name) => !entries.has(name));
    if (missing.length > 0) throw new ConversionError(required(missing));
    return objectValue(
      [...wanted.attributes].map(([name, type]): [string, Value] => [
        name,
        part(`attribute ${JSON.stringify(name)}`, () =>
          convert(entries.get(name) ?? { kind: "null", type }, type),
        ),
      ]),
    );
  }
  if (wanted.kind !== "map") throw new ConversionError(`${wanted.kind} required`);
  const common = elementType([...entries.values()].map(typeOf), wanted.element, true) ?? anyType;
  const items = [...entries].map(([key, item]): [string, Value] => [
    key,
    part(`element ${JSON.stringify(key)}`, () => convert(item, common)),
  ]);
  return mapValue(
    settled(
      common,
      items.map(([, item]) => item),
    ),
    items,
  );
}

/** Where the wanted type leaves parts open, the type of what is there. */
function settled(wanted: Type, items: readonly Value[]): Type {
  const [first] = items;
  return first !== undefined && hasAny(wanted) ? typeOf(first) : wanted;
}

function required(names: readonly string[]): string {
  const quoted = names.map((name) => JSON.stringify(name));
  return quoted.length === 1
    ? `attribute ${quoted[0]} is required`
    : `attributes ${quoted.join(", ")} are required`;
}

/** Why a type cannot become another. */
export function mismatch(from: Type, to: Type): string {
  if (from.kind === "object" && to.kind === "object") return objectMismatch(from.attributes, to.attributes);
  if (isCollection(to) && (from.kind === "tuple" || from.kind === "object"))
    return structureMismatch(from, to);
  if (isCollection(to) && isCollection(from) && from.kind === to.kind) {
    return `incorrect ${to.kind} element type: ${mismatch(from.element, to.element)}`;
  }
  return isPrimitive(from) && isPrimitive(to)
    ? `a ${to.kind} is required, not a ${from.kind}`
    : `${typeName(to)} required`;
}

type Collection = Extract<Type, { element: Type }>;

function isCollection(type: Type): type is Collection {
  return "element" in type;
}

function objectMismatch(from: ReadonlyMap<string, Type>, to: ReadonlyMap<string, Type>): string {
  const missing = [...to.keys()].filter((name) => !from.has(name)).sort();
  if (missing.length > 0) return required(missing);
  for (const [name, wanted] of to) {
    const given = from.get(name) ?? anyType;
    if (!canConvert(given, wanted, true))
      return `attribute ${JSON.stringify(name)}: ${mismatch(given, wanted)}`;
  }
  return "incorrect object attributes";
}

function structureMismatch(from: Type & { kind: "tuple" | "object" }, to: Collection): string {
  const fits = from.kind === "tuple" ? to.kind !== "map" : to.kind === "map";
  if (!fits) return `${typeName(to)} required`;
  if (to.element.kind === "any") return `all ${to.kind} elements must have the same type`;
  const parts = from.kind === "tuple" ? from.elements.entries() : from.attributes.entries();
  for (const [name, given] of parts) {
    if (!canConvert(given, to.element, true))
      return `element ${JSON.stringify(name)}: ${mismatch(given, to.element)}`;
  }
  return `all elements must be ${typeName(to.element)}`;
}
