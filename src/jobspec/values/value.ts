import type { ExactNumber } from "./number.ts";
import { compare, equal, fromInteger } from "./number.ts";
import { compareText } from "./text.ts";
import type { Type } from "./type.ts";
import {
  anyType,
  boolType,
  listOf,
  mapOf,
  numberType,
  objectOf,
  setOf,
  stringType,
  tupleOf,
} from "./type.ts";

/**
 * A value of the language. An unknown value stands where evaluation failed: whatever is made of it is unknown too,
 * so that one mistake is reported once.
 */
export type Value =
  | { readonly kind: "null"; readonly type: Type }
  | { readonly kind: "unknown"; readonly type: Type }
  | { readonly kind: "string"; readonly text: string }
  | { readonly kind: "number"; readonly number: ExactNumber }
  | { readonly kind: "bool"; readonly truth: boolean }
  | { readonly kind: "list"; readonly element: Type; readonly items: readonly Value[] }
  /** In the order in which it is gone through; no two alike. */
  | { readonly kind: "set"; readonly element: Type; readonly items: readonly Value[] }
  /** Maps and objects are kept in the order of their keys. */
  | { readonly kind: "map"; readonly element: Type; readonly entries: ReadonlyMap<string, Value> }
  | { readonly kind: "object"; readonly entries: ReadonlyMap<string, Value> }
  | { readonly kind: "tuple"; readonly items: readonly Value[] };

export type KnownValue = Exclude<Value, { kind: "null" | "unknown" }>;

export const unknown: Value = { kind: "unknown", type: anyType };
export const nullValue: Value = { kind: "null", type: anyType };
export const trueValue: Value = { kind: "bool", truth: true };
export const falseValue: Value = { kind: "bool", truth: false };

/** The text is put into Unicode's normal form C, as every text of the language. */
export function stringValue(text: string): Value & { kind: "string" } {
  return { kind: "string", text: text.normalize("NFC") };
}

export function numberValue(number: ExactNumber): Value & { kind: "number" } {
  return { kind: "number", number };
}

export function integerValue(value: number | bigint): Value & { kind: "number" } {
  return { kind: "number", number: fromInteger(value) };
}

export function boolValue(truth: boolean): Value {
  return truth ? trueValue : falseValue;
}

export function tupleValue(items: readonly Value[]): Value & { kind: "tuple" } {
  return { kind: "tuple", items };
}

export function listValue(element: Type, items: readonly Value[]): Value & { kind: "list" } {
  return { kind: "list", element, items };
}

export function setValue(element: Type, items: readonly Value[]): Value & { kind: "set" } {
  const sorted = items.toSorted(compareValues);
  const distinct = sorted.filter((item, index) => {
    const before = sorted[index - 1];
    return before === undefined || !sameValue(before, item);
  });
  return { kind: "set", element, items: distinct };
}

export function objectValue(entries: Iterable<readonly [string, Value]>): Value & { kind: "object" } {
  return { kind: "object", entries: inOrder(entries) };
}

export function mapValue(
  element: Type,
  entries: Iterable<readonly [string, Value]>,
): Value & { kind: "map" } {
  return { kind: "map", element, entries: inOrder(entries) };
}

/** Of equal keys the last wins. */
function inOrder(entries: Iterable<readonly [string, Value]>): ReadonlyMap<string, Value> {
  return new Map([...new Map(entries)].sort(([a], [b]) => compareText(a, b)));
}

export function typeOf(value: Value): Type {
  switch (value.kind) {
    case "null":
    case "unknown":
      return value.type;
    case "string":
      return stringType;
    case "number":
      return numberType;
    case "bool":
      return boolType;
    case "list":
      return listOf(value.element);
    case "set":
      return setOf(value.element);
    case "map":
      return mapOf(value.element);
    case "object":
      return objectOf(new Map(value.entries.entries().map(([name, item]) => [name, typeOf(item)])));
    case "tuple":
      return tupleOf(value.items.map(typeOf));
  }
}

/** Equal in type and content; null equals null of the same type. */
export function sameValue(a: Value, b: Value): boolean {
  if (a === b) return a.kind !== "unknown";
  switch (a.kind) {
    case "null":
      return b.kind === "null";
    case "unknown":
      return false;
    case "string":
      return b.kind === "string" && a.text === b.text;
    case "number":
      return b.kind === "number" && equal(a.number, b.number);
    case "bool":
      return b.kind === "bool" && a.truth === b.truth;
    case "list":
    case "set":
    case "tuple":
      return b.kind === a.kind && sameItems(a.items, b.items);
    case "map":
    case "object":
      return b.kind === a.kind && sameEntries(a.entries, b.entries);
  }
}

function sameItems(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((item, index) => sameValue(item, b[index] ?? unknown));
}

function sameEntries(a: ReadonlyMap<string, Value>, b: ReadonlyMap<string, Value>): boolean {
  return a.size === b.size && a.entries().every(([key, item]) => sameValue(item, b.get(key) ?? unknown));
}

/** Whether an unknown value occurs anywhere inside. */
export function hasUnknown(value: Value): boolean {
  switch (value.kind) {
    case "unknown":
      return true;
    case "list":
    case "set":
    case "tuple":
      return value.items.some(hasUnknown);
    case "map":
    case "object":
      return value.entries.values().some(hasUnknown);
    case "null":
    case "string":
    case "number":
    case "bool":
      return false;
  }
}

/** The order of a set: texts by code point, numbers by size, false before true, null last, all else by its text. */
function compareValues(a: Value, b: Value): number {
  if (a.kind === "null" || b.kind === "null") return Number(a.kind === "null") - Number(b.kind === "null");
  if (a.kind === "string" && b.kind === "string") return compareText(a.text, b.text);
  if (a.kind === "number" && b.kind === "number") return compare(a.number, b.number);
  if (a.kind === "bool" && b.kind === "bool") return Number(a.truth) - Number(b.truth);
  return compareText(sortingText(a), sortingText(b));
}

/** Distinct for distinct values of one type. */
function sortingText(value: Value): string {
  switch (value.kind) {
    case "null":
      return "~";
    case "unknown":
      return "?";
    case "string":
      return JSON.stringify(value.text);
    case "number":
      return `${value.number.mantissa}p${value.number.exponent}`;
    case "bool":
      return value.truth ? "T" : "F";
    case "list":
    case "set":
    case "tuple":
      return `[${value.items.map((item) => `${sortingText(item)};`).join("")}]`;
    case "map":
    case "object":
      return `{${[...value.entries].map(([key, item]) => `${JSON.stringify(key)}:${sortingText(item)};`).join("")}}`;
  }
}
