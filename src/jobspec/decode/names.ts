import type { HclField } from "#model/schema/hcl-form.ts";
import { hclFields } from "#model/schema/hcl-form.ts";
import type { ObjectSchema, Shorthand } from "#model/schema/schema.ts";

type BlockField = Extract<HclField, { form: "block" }>;

/** What the names in a body of a schema mean. */
export interface Names {
  readonly attributes: ReadonlyMap<string, HclField>;
  /** Several fields may share a block's name. */
  readonly blocks: ReadonlyMap<string, readonly BlockField[]>;
  readonly shorthands: ReadonlyMap<string, Shorthand>;
}

const known = new WeakMap<ObjectSchema["fields"], { exact: Names; lenient: Names }>();

/** Leniently, case and underscores do not matter, and what is a block may be written as an attribute and the reverse. */
export function namesOf(schema: ObjectSchema, lenient: boolean): Names {
  let names = known.get(schema.fields);
  if (names === undefined) {
    names = { exact: exactNames(schema), lenient: lenientNames(schema) };
    known.set(schema.fields, names);
  }
  return lenient ? names.lenient : names.exact;
}

export function lenientName(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

function exactNames(schema: ObjectSchema): Names {
  const fields = hclFields(schema);
  const blocks = fields.filter((field) => field.form === "block");
  const isAttribute = (field: HclField) => field.form === "attribute" || field.orAttribute === true;
  return {
    attributes: new Map(fields.filter(isAttribute).map((field) => [field.name, field])),
    blocks: Map.groupBy(blocks, ({ name }) => name),
    shorthands: new Map(Object.entries(schema.shorthands ?? {})),
  };
}

function lenientNames(schema: ObjectSchema): Names {
  const fields = hclFields(schema).flatMap((field) => [
    [lenientName(field.property), field] as const,
    [lenientName(field.name), field] as const,
  ]);
  const blocks = fields.map(([name, field]) => [name, [{ ...field, form: "block" as const }]] as const);
  return { attributes: new Map(fields), blocks: new Map(blocks), shorthands: new Map() };
}
