/** What a template computes with. A `Map` has free keys, an object those of its kind; both are looked into by field. */
export type Value =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly Value[]
  | ReadonlyMap<string, Value>
  | { readonly [field: string]: Value };

/** Undefined is what is not there, printed as `<no value>`. */
export function isTrue(value: Value): boolean {
  if (value === null || value === undefined) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  if (typeof value === "object") return Object.keys(value).length > 0;
  return Boolean(value);
}

/** The entries of what has some, keys in order as Go ranges over maps; null for anything else. */
export function entriesOf(value: Value): [string, Value][] | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

export function fieldOf(value: Value, name: string): Value {
  if (value instanceof Map) return value.get(name);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as { readonly [field: string]: Value })[name] : undefined;
}

/** As Go's `fmt.Sprint` shows it. */
export function textOfValue(value: Value): string {
  if (value === undefined) return "<no value>";
  if (value === null) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(textOfValue).join(" ")}]`;
  const entries = entriesOf(value);
  if (entries !== null)
    return `map[${entries.map(([key, each]) => `${key}:${textOfValue(each)}`).join(" ")}]`;
  return String(value);
}

/** What kind of value it is, for messages. */
export function kindOf(value: Value): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  return { string: "a text", number: "a number", boolean: "a truth value" }[typeof value as "string"];
}

/** Values as JSON has them: maps become objects. */
export function toPlain(value: Value): unknown {
  if (Array.isArray(value)) return value.map(toPlain);
  const entries = entriesOf(value);
  return entries === null ? value : Object.fromEntries(entries.map(([key, each]) => [key, toPlain(each)]));
}

export function fromPlain(value: unknown): Value {
  if (Array.isArray(value)) return value.map(fromPlain);
  if (typeof value === "object" && value !== null)
    return new Map(Object.entries(value).map(([key, each]) => [key, fromPlain(each)]));
  return value as Value;
}
