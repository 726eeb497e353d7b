import { canonical } from "#model/schema/canonical.ts";
import type { Input, ObjectSchema, Value } from "#model/schema/schema.ts";

/** One place where settings are written: any of its fields may be absent. */
export type Layer = Readonly<Record<string, unknown>> | object | null;

/** Settings that are written in several places: field by field, a later layer goes before an earlier one. */
export function settingsOf<S extends ObjectSchema>(schema: S, ...layers: readonly Layer[]): Value<S> {
  const written = layers.map((layer) =>
    Object.fromEntries(
      Object.entries(layer ?? {}).filter(([name, value]) => name in schema.fields && value !== null),
    ),
  );
  return canonical(schema, Object.assign({}, ...written) as Input<Value<S>>);
}

/** What a whole entry says of `schema`'s fields: an empty text or a zero that could not be left out says nothing. */
export function statedBy(schema: ObjectSchema, entry: object | null | undefined): Layer {
  const says = ([name, value]: [string, unknown]) =>
    value !== null && (schema.fields[name]?.nullable === true || (value !== "" && value !== 0));
  return Object.fromEntries(Object.entries(entry ?? {}).filter(says));
}
