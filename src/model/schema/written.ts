import { formatDuration } from "./duration.ts";
import type { Json, ObjectSchema, Schema, Value } from "./schema.ts";

/**
 * A canonical value as its author would have written it in JSON: durations as text, and without what says nothing
 * ("" 0 false [] {} null). It reads back as the same value.
 */
export function written<S extends ObjectSchema>(schema: S, value: Value<S>): { [name: string]: Json } {
  const fields = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(schema.fields)
      .filter(([name, field]) => saysSomething(field, fields[name]))
      .map(([name, field]) => [name, json(field, fields[name])]),
  );
}

function json(schema: Schema, value: unknown): Json {
  if (value === null) return null;
  switch (schema.kind) {
    case "duration":
      return formatDuration(value as number);
    case "list":
      return (value as unknown[]).map((item) => json(schema.items, item));
    case "map":
      return Object.fromEntries(
        Object.entries(value as object).map(([key, item]) => [key, json(schema.values, item)]),
      );
    case "object":
      return written(schema, value as Value<ObjectSchema>);
    case "string":
    case "integer":
    case "number":
    case "boolean":
    case "opaque":
      return value as Json;
  }
}

/** Where there may be null, all else was given. */
function saysSomething(schema: Schema, value: unknown): boolean {
  if (value === null || value === undefined) return false;
  if (schema.nullable) return true;
  if (schema.kind === "list") return (value as unknown[]).length > 0;
  if (schema.kind === "map") return Object.keys(value).length > 0;
  return value !== "" && value !== 0 && value !== false;
}
