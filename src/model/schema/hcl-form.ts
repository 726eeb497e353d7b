import type { AttributeOptions, HclForm, ObjectSchema, Schema } from "./schema.ts";

/** How a field is written in HCL when its schema does not say. */
export function defaultForm(schema: Schema): HclForm {
  const { kind } = schema.kind === "list" ? schema.items : schema;
  return kind === "object" || (kind === "map" && schema.kind === "map")
    ? { form: "block" }
    : { form: "attribute" };
}

/** A field's place in HCL: its form, with its name there. */
export type HclField = { readonly property: string; readonly schema: Schema } & (
  | (AttributeOptions & { readonly form: "attribute"; readonly name: string })
  | (Extract<HclForm, { form: "block" }> & { readonly name: string })
);

const placesOf = new WeakMap<ObjectSchema["fields"], readonly HclField[]>();

/** The fields of an object that can be written in HCL, in the order of the schema. */
export function hclFields(schema: ObjectSchema): readonly HclField[] {
  let places = placesOf.get(schema.fields);
  if (places === undefined) {
    const fields = Object.entries({ ...schema.fields, ...schema.inHclOnly });
    places = fields.flatMap(([property, field]) => place(property, field));
    placesOf.set(schema.fields, places);
  }
  return places;
}

function place(property: string, schema: Schema): HclField[] {
  const form = schema.hcl ?? defaultForm(schema);
  return form.form === "none" ? [] : [{ ...form, property, schema, name: form.name ?? snakeCase(property) }];
}

/** DisableDefaultTCPCheck → disable_default_tcp_check, ExcludeOutboundCIDRs → exclude_outbound_cidrs */
export function snakeCase(name: string): string {
  return (name.match(/[A-Z]+s?(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+/g) ?? [name]).join("_").toLowerCase();
}
