import type { Input, ObjectSchema, Schema, Value } from "./schema.ts";

/**
 * The canonical form of an input: what is absent gets the schema's default, or the zero value of its kind ("" 0
 * false [] {}), or null where the schema says so. Empty text counts as absent where there is a default, for many
 * clients cannot send the difference. The result shares nothing with the input.
 */
export function canonical<S extends Schema>(schema: S, input: Input<Value<S>> | null | undefined): Value<S> {
  return filled(schema, input) as Value<S>;
}

function filled(schema: Schema, input: unknown): unknown {
  if (input === null || input === undefined) return schema.nullable ? null : absent(schema);
  switch (schema.kind) {
    case "list":
      return (input as unknown[]).map((item) => filled(schema.items, item));
    case "map":
      return mapped(input, (value) => filled(schema.values, value));
    case "object":
      return filledObject(schema, input as Record<string, unknown>);
    case "opaque":
      return copied(input);
    case "string":
      return input === "" ? absent(schema) : input;
    case "integer":
    case "number":
    case "duration":
      return input === 0 && schema.zeroIsAbsent ? absent(schema) : input;
    case "boolean":
      return input;
  }
}

/** What stands for a value that is not given: the default of the schema, or the zero value of its kind. */
export function absent(schema: Schema): unknown {
  switch (schema.kind) {
    case "string":
      return schema.default ?? "";
    case "integer":
    case "number":
    case "duration":
      return schema.default ?? 0;
    case "boolean":
      return schema.default ?? false;
    case "list":
      return [...(schema.default ?? [])];
    case "map":
      return {};
    case "object":
      return filledObject(schema, {});
    case "opaque":
      return null;
  }
}

function filledObject(schema: ObjectSchema, input: Record<string, unknown>): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const name in schema.fields) {
    const field = schema.fields[name];
    if (field !== undefined) object[name] = filled(field, input[name]);
  }
  return object;
}

function copied(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(copied);
  return typeof json === "object" && json !== null ? mapped(json, copied) : json;
}

/** Object.fromEntries, for it takes keys such as "__proto__" as plain keys. */
function mapped(object: object, to: (value: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, to(value)]));
}

/** Whether a value is what would be there if none were given. An object that is there was given. */
export function isDefault(schema: Schema, value: unknown): boolean {
  switch (schema.kind) {
    case "string":
      return value === (schema.default ?? "");
    case "integer":
    case "number":
    case "duration":
      return value === (schema.default ?? 0);
    case "boolean":
      return value === (schema.default ?? false);
    case "list":
      return (value as unknown[]).length === 0;
    case "map":
      return Object.keys(value as object).length === 0;
    case "object":
    case "opaque":
      return false;
  }
}
