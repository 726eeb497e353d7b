import { isDeepStrictEqual } from "node:util";
import type { Job } from "#model/job/job.ts";
import { job as jobSchema } from "#model/job/job.ts";
import { formatDuration, parseDuration } from "#model/schema/duration.ts";
import type { HclField } from "#model/schema/hcl-form.ts";
import { hclFields } from "#model/schema/hcl-form.ts";
import type { Json, ObjectSchema, Schema } from "#model/schema/schema.ts";
import { formatSource } from "../format/format.ts";
import { heredoc, isIdentifier, quoted, quotedLabel } from "./text.ts";
import type { Fields } from "./unwritten.ts";
import { unwrittenBlock, unwrittenItem, unwrittenJob } from "./unwritten.ts";

/** A canonical job as a job file. What would be there without being written is left out. */
export function toHcl(job: Job): string {
  const lines = body(jobSchema, job, unwrittenJob(job), job);
  const text = `${block("job", job.ID, lines).join("\n")}\n`;
  return formatSource({ filename: "job.hcl", text }).text ?? text;
}

/** Attributes first, then blocks with an empty line before each. `unwritten` is what is there without any. */
function body(schema: ObjectSchema, value: Fields, unwritten: Fields, job: Job): string[] {
  const given = hclFields(schema).filter(({ property }) => isGiven(value[property], unwritten[property]));
  const attributes = given.filter(
    (field) => field.form === "attribute" || isMapAttribute(field, value[field.property]),
  );
  const blocks = given.filter((field) => !attributes.includes(field));
  return [
    ...attributes.map(
      ({ name, schema: field, property }) => `${name} = ${expression(field, value[property])}`,
    ),
    ...blocks.flatMap((field) => blocksOf(field, value, unwritten, job).flatMap((lines) => ["", ...lines])),
  ];
}

function isGiven(value: unknown, unwritten: unknown): boolean {
  return value !== null && value !== undefined && !isDeepStrictEqual(value, unwritten);
}

/** A map that may be written either way is an attribute when its keys are no names. */
function isMapAttribute(field: HclField, value: unknown): boolean {
  return (
    field.form === "block" && field.orAttribute === true && !Object.keys(value as object).every(isIdentifier)
  );
}

function block(type: string, label: string | null, lines: readonly string[]): string[] {
  const head = `${type}${label === null ? "" : ` ${quotedLabel(label)}`} {`;
  if (lines.length === 0) return [`${head}}`];
  const content = lines[0] === "" ? lines.slice(1) : lines;
  return [head, ...content, "}"];
}

/** One list of lines for each block. */
function blocksOf(field: HclField, parent: Fields, unwritten: Fields, job: Job): string[][] {
  const { name, schema, property } = field;
  const value = parent[property];
  if (schema.kind === "list") {
    return (value as Fields[]).map((item) => labelled(field, schema.items, item, parent, job));
  }
  if (schema.kind === "map" && field.form === "block" && field.label !== undefined) {
    return Object.values(value as Record<string, Fields>).map((item) =>
      labelled(field, schema.values, item, parent, job),
    );
  }
  return [block(name, null, content(schema, value, unwrittenBlock(schema, unwritten[property], job), job))];
}

function labelled(field: HclField, schema: Schema, item: Fields, parent: Fields, job: Job): string[] {
  const unwritten = unwrittenItem(schema, item, parent, job);
  if (field.form !== "block" || field.label === undefined)
    return block(field.name, null, content(schema, item, unwritten, job));
  const { [field.label]: given, ...rest } = item;
  const named = Object.entries(field.labelValues ?? {}).find(([, meaning]) => meaning === given);
  return block(field.name, named?.[0] ?? String(given), content(schema, rest, unwritten, job));
}

function content(schema: Schema, value: unknown, unwritten: Fields, job: Job): string[] {
  if (schema.kind === "object") return body(schema, value as Fields, unwritten, job);
  if (schema.kind === "map" && schema.values.kind === "opaque") return opaqueBody(value as JsonObject);
  const values = schema.kind === "map" ? schema.values : schema;
  return Object.entries(value as Fields).map(([key, item]) => argument(key, expression(values, item)));
}

/** In a block, names are words: what has another name, HCL cannot say. */
function argument(name: string, written: string): string {
  return isIdentifier(name)
    ? `${name} = ${written}`
    : `# ${JSON.stringify(name)} can be written in JSON only`;
}

type JsonObject = { readonly [key: string]: Json };

/** Lists of objects are blocks, as people write them. */
function opaqueBody(value: JsonObject): string[] {
  const entries = Object.entries(value).map(([key, item]) => ({
    key,
    item,
    blocks: isIdentifier(key) ? blockObjects(item) : null,
  }));
  return [
    ...entries.flatMap(({ key, item, blocks }) => (blocks === null ? [argument(key, opaque(item))] : [])),
    ...entries.flatMap(({ key, blocks }) =>
      (blocks ?? []).flatMap((object) => ["", ...block(key, null, opaqueBody(object))]),
    ),
  ];
}

function blockObjects(value: Json): JsonObject[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const objects = value.filter(isObject).filter((item) => Object.keys(item).every(isIdentifier));
  return objects.length === value.length ? objects : null;
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function expression(schema: Schema, value: unknown): string {
  switch (schema.kind) {
    case "duration":
      return duration(value as number);
    case "list":
      return `[${(value as unknown[]).map((item) => expression(schema.items, item)).join(", ")}]`;
    case "map":
      return `{\n${Object.entries(value as Fields)
        .map(([key, item]) => `${quoted(key)} = ${expression(schema.values, item)}\n`)
        .join("")}}`;
    case "string":
      return heredoc(value as string) ?? quoted(value as string);
    case "integer":
    case "number":
    case "boolean":
    case "object":
    case "opaque":
      return json(value as Json);
  }
}

function duration(nanoseconds: number): string {
  const text = formatDuration(nanoseconds);
  return parseDuration(text) === nanoseconds ? quoted(text) : String(nanoseconds);
}

/** An object in parentheses stays an object; without, it would be read as a list of one. */
function opaque(value: Json): string {
  if (typeof value === "string") return heredoc(value) ?? quoted(value);
  return isObject(value) ? `(${json(value)})` : json(value);
}

function json(value: Json): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(json).join(", ")}]`;
  const entries = Object.entries(value).map(
    ([key, item]) => `${isIdentifier(key) ? key : quoted(key)} = ${json(item)}`,
  );
  return entries.length === 0 ? "{}" : `{\n${entries.join("\n")}\n}`;
}
