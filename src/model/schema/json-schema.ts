import type { Bounds, Json, ObjectSchema, Schema, StringSchema } from "./schema.ts";

type JsonObject = { [key: string]: Json };

/** The schema in the language of https://json-schema.org, for editors and validators. */
export function toJsonSchema(schema: ObjectSchema, title: string): JsonObject {
  const definitions = new Map<string, JsonObject>();
  define(schema, definitions);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title,
    $ref: reference(schema),
    $defs: Object.fromEntries(definitions),
  };
}

function reference({ name }: ObjectSchema): string {
  return `#/$defs/${name.replaceAll(" ", "-")}`;
}

function define(schema: ObjectSchema, definitions: Map<string, JsonObject>): void {
  const key = schema.name.replaceAll(" ", "-");
  if (definitions.has(key)) return;
  const definition: JsonObject = {};
  definitions.set(key, definition);
  const properties = Object.entries(schema.fields).map(([name, field]): [string, Json] => [
    name,
    described(field, definitions),
  ]);
  Object.assign(definition, {
    ...(schema.doc !== "" && { description: schema.doc }),
    type: "object",
    properties: Object.fromEntries(properties),
    additionalProperties: false,
  });
}

/** Whatever may be left out may be null as well. */
function described(schema: Schema, definitions: Map<string, JsonObject>): JsonObject {
  const notes = [schema.doc, schema.deprecated].filter((note) => note !== undefined && note !== "");
  return {
    ...(notes.length > 0 && { description: notes.join(" ") }),
    ...("default" in schema && { default: schema.default as Json }),
    ...(schema.deprecated !== undefined && { deprecated: true }),
    ...valued(schema, definitions),
  };
}

function valued(schema: Schema, definitions: Map<string, JsonObject>): JsonObject {
  switch (schema.kind) {
    case "string":
      return text(schema);
    case "integer":
    case "number":
      return { type: [schema.kind, "null"], ...bounds(schema) };
    case "duration":
      return { type: ["integer", "string", "null"] };
    case "boolean":
      return { type: ["boolean", "null"] };
    case "list":
      return { type: ["array", "null"], items: described(schema.items, definitions) };
    case "map":
      return { type: ["object", "null"], additionalProperties: described(schema.values, definitions) };
    case "object":
      define(schema, definitions);
      return { anyOf: [{ $ref: reference(schema) }, { type: "null" }] };
    case "opaque":
      return {};
  }
}

function text({ oneOf, maxLength }: StringSchema): JsonObject {
  const choices = oneOf === undefined ? {} : { enum: [...new Set([...oneOf, "", null])] };
  return { type: ["string", "null"], ...choices, ...(maxLength !== undefined && { maxLength }) };
}

function bounds({ min, max }: Bounds): JsonObject {
  return { ...(min !== undefined && { minimum: min }), ...(max !== undefined && { maximum: max }) };
}
