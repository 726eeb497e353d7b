/** What the store adds to every row: the revisions of the commits that created and last changed it. */
export interface Indexed {
  readonly CreateIndex: number;
  readonly ModifyIndex: number;
}

/** A row as it is read: the value that was put, and its two revisions. */
export type Row<Value> = Value & Indexed;

/**
 * One kind of noun in the store. Its rows live under `<name>/`; each entry of `lookups` names a second way
 * to find rows, by the strings that the function gives for a row.
 */
export interface Table<Value extends object, Lookup extends string = string> {
  readonly name: string;
  readonly lookups: Readonly<Record<Lookup, (value: Value) => readonly string[]>>;
}

export function table<Value extends object>(name: string): Table<Value, never>;
export function table<Value extends object, Lookup extends string>(
  name: string,
  lookups: Record<Lookup, (value: Value) => readonly string[]>,
): Table<Value, Lookup>;
export function table(name: string, lookups = {}) {
  return { name, lookups };
}

/** Joins parts into a key; a slash inside a part does not part it. */
export function keyOf(...parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll("%", "%25").replaceAll("/", "%2F")).join("/");
}

/** The value that was put. */
export function withoutIndexes<Value extends object>(row: Value & Partial<Indexed>): Value {
  const { CreateIndex: _, ModifyIndex: __, ...value } = row;
  return value as Value;
}
