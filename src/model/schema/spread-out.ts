import type { Input, Schema, Value } from "./schema.ts";

/** The same input with every field of every object there: null where nothing is given, as Nomad's clients expect. */
export function spreadOut<S extends Schema>(schema: S, input: Input<Value<S>>): Input<Value<S>> {
  return spread(schema, input) as Input<Value<S>>;
}

function spread(schema: Schema, input: unknown): unknown {
  if (input === null || input === undefined) return null;
  if (schema.kind === "list") return (input as unknown[]).map((item) => spread(schema.items, item));
  const parts = input as Readonly<Record<string, unknown>>;
  if (schema.kind === "map")
    return Object.fromEntries(Object.entries(parts).map(([key, item]) => [key, spread(schema.values, item)]));
  if (schema.kind !== "object") return input;
  return Object.fromEntries(
    Object.entries(schema.fields).map(([name, field]) => [name, spread(field, parts[name])]),
  );
}
