import { formatDuration } from "./duration.ts";
import type { HclField } from "./hcl-form.ts";
import { hclFields } from "./hcl-form.ts";
import type { NotCarriedOut } from "./not-carried-out.ts";
import type { ObjectSchema, Schema, Shorthand } from "./schema.ts";

export interface ReferencePage {
  readonly title: string;
  readonly introduction: string;
  /** Those that stand by themselves; what they hold is found from them. */
  readonly schemas: readonly ObjectSchema[];
  readonly notCarriedOut: readonly NotCarriedOut[];
  /** Whether fields are shown by their names in HCL, or by the schema's own. */
  readonly names: "HCL" | "schema";
}

/** A page in Markdown on how schemas are written: a section for each object, the outer ones first. */
export function toReference({ title, introduction, schemas, notCarriedOut, names }: ReferencePage): string {
  const objects = objectsOf(schemas);
  const sections = objects.map((object) => section(object, objects, notCarriedOut, names));
  return `${[`# ${title}`, introduction, ...sections].join("\n\n")}\n`;
}

/** The schemas and all below them, each once, level by level. */
function objectsOf(schemas: readonly ObjectSchema[]): ObjectSchema[] {
  const found: ObjectSchema[] = [...schemas];
  for (const object of found) {
    for (const { schema: field } of hclFields(object)) {
      const inner = objectIn(field);
      if (inner !== null && !found.some(({ fields }) => fields === inner.fields)) found.push(inner);
    }
  }
  return found;
}

function objectIn(schema: Schema): ObjectSchema | null {
  if (schema.kind === "object") return schema;
  if (schema.kind === "list") return objectIn(schema.items);
  return schema.kind === "map" ? objectIn(schema.values) : null;
}

function section(
  object: ObjectSchema,
  objects: readonly ObjectSchema[],
  notCarriedOut: readonly NotCarriedOut[],
  names: ReferencePage["names"],
): string {
  const own = objects.find(({ fields }) => fields === object.fields) ?? object;
  const rows = [
    ...hclFields(own).map((field) =>
      fieldRow(
        field,
        notCarriedOut.filter((line) => line.subject === own.fields && line.field === field.property),
        names,
      ),
    ),
    ...Object.entries(own.shorthands ?? {}).map(shorthandRow),
  ];
  const table =
    rows.length === 0
      ? "It has no settings."
      : ["| name | type | default | meaning |", "|---|---|---|---|", ...rows].join("\n");
  return [`## ${own.name}`, ...(own.doc === "" ? [] : [own.doc]), table].join("\n\n");
}

function fieldRow(
  field: HclField,
  notCarriedOut: readonly NotCarriedOut[],
  names: ReferencePage["names"],
): string {
  const { schema } = field;
  const name = names === "HCL" ? field.name : field.property;
  const label = field.form === "block" && field.label !== undefined ? ' `"…"`' : "";
  const notes = [
    schema.doc || (objectIn(schema)?.doc ?? ""),
    choices(schema),
    bounds(schema),
    required(field),
    note("Obsolete", schema.deprecated),
    ...notCarriedOut.map(({ sentence, isPartial }) =>
      note(isPartial ? "In part not carried out yet" : "Not carried out yet", sentence),
    ),
  ];
  return row([
    `\`${name}\`${label}`,
    typeName(field),
    defaultText(schema),
    notes.filter((text) => text !== "").join(" "),
  ]);
}

function shorthandRow([name, { kind, doc }]: [string, Shorthand]): string {
  return row([`\`${name}\``, kind === "string" ? "text" : "true or false", "", doc]);
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function note(what: string, text: string | undefined): string {
  return text === undefined ? "" : `*${what}: ${text}*`;
}

function required(field: HclField): string {
  return field.form === "attribute" && field.required ? "Required." : "";
}

function choices(schema: Schema): string {
  const { oneOf } = schema.kind === "string" ? schema : {};
  const names = (oneOf ?? []).filter((choice) => choice !== "").map((choice) => `\`${choice}\``);
  return names.length === 0 ? "" : `One of ${names.join(", ")}.`;
}

function bounds(schema: Schema): string {
  if (schema.kind !== "integer" && schema.kind !== "number" && schema.kind !== "duration") return "";
  const shown = schema.kind === "duration" ? formatDuration : String;
  const { min, max } = schema;
  if (min !== undefined && max !== undefined) return `From ${shown(min)} to ${shown(max)}.`;
  return min !== undefined ? `At least ${shown(min)}.` : max !== undefined ? `At most ${shown(max)}.` : "";
}

const kindNames: Readonly<Record<Schema["kind"], string>> = {
  string: "text",
  integer: "whole number",
  number: "number",
  boolean: "true or false",
  duration: "duration",
  list: "list",
  map: "map",
  object: "block",
  opaque: "any",
};

function typeName(field: HclField): string {
  const { schema } = field;
  const inner = objectIn(schema);
  const link = inner === null ? "" : `[block](#${inner.name.replaceAll(" ", "-").toLowerCase()})`;
  if (inner !== null) return schema.kind === "object" ? link : `${link}, any number`;
  if (schema.kind === "list") return `list of ${kindNames[schema.items.kind]}`;
  if (schema.kind === "map")
    return `map of ${kindNames[schema.values.kind]}${field.form === "block" ? (field.orAttribute ? ", block or value" : ", block") : ""}`;
  return kindNames[schema.kind];
}

function defaultText(schema: Schema): string {
  if (!("default" in schema) || schema.default === undefined || schema.default === "") return "";
  if (schema.kind === "duration") return `\`"${formatDuration(Number(schema.default))}"\``;
  return `\`${JSON.stringify(schema.default)}\``;
}
