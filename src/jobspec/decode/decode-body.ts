import { absent } from "#model/schema/canonical.ts";
import { decode } from "#model/schema/decode.ts";
import type { HclField } from "#model/schema/hcl-form.ts";
import type { MapSchema, ObjectSchema, Schema } from "#model/schema/schema.ts";
import { suggestion } from "#model/spelling.ts";
import type { AnyBody } from "../body/body.ts";
import { attributesOf, contentOf } from "../body/body.ts";
import type { ScopedBlock } from "../body/dynamic.ts";
import { expandedBlocks } from "../body/dynamic.ts";
import type { Positions } from "../body/positions.ts";
import type { Evaluation, Scope } from "../evaluate/scope.ts";
import { report, warn } from "../evaluate/scope.ts";
import type { Attribute, Expression } from "../syntax/ast.ts";
import type { Span } from "../syntax/source.ts";
import { toJson } from "../values/to-json.ts";
import { lenientName, namesOf } from "./names.ts";
import { opaqueBody } from "./opaque.ts";
import { decodeValue, failed, isValueSchema } from "./scalar.ts";

export interface Decoding {
  readonly evaluation: Evaluation;
  readonly positions: Positions;
  /** For texts in which names are written in several ways, and blocks and attributes stand for one another. */
  readonly lenient: boolean;
}

type BlockField = Extract<HclField, { form: "block" }>;
type Decoded = Record<string, unknown>;

/** What a body says, by the schema. What is wrong is reported and left out. */
export function decodeBody(
  schema: ObjectSchema,
  body: AnyBody,
  header: Span,
  scope: Scope,
  decoding: Decoding,
): Decoded {
  const { evaluation, lenient } = decoding;
  const names = namesOf(schema, lenient);
  const key = (name: string) => (lenient ? lenientName(name) : name);
  const labelCount = (name: string): number | null => {
    if (name === "dynamic") return 1;
    const [field] = names.blocks.get(key(name)) ?? [];
    if (field === undefined || (body.form === "json" && names.attributes.has(key(name)))) return null;
    return field.label === undefined ? 0 : 1;
  };
  const content = contentOf(body, labelCount, evaluation);
  const value: Decoded = {};
  for (const attribute of content.attributes) {
    decodeAttribute(schema, names.attributes.get(key(attribute.name)), attribute, value, scope, decoding);
  }
  for (const block of expandedBlocks(content.blocks, scope, evaluation)) {
    decodeBlock(schema, names.blocks.get(key(block.type)) ?? [], block, value, decoding);
  }
  decodeShorthands(schema, content.attributes, value, scope, decoding);
  complete(names.attributes.values(), value, header, evaluation);
  return value;
}

/** Sees to the attributes that are never absent. */
function complete(fields: Iterable<HclField>, value: Decoded, header: Span, evaluation: Evaluation): void {
  for (const field of fields) {
    if (field.form !== "attribute" || (value[field.property] ?? null) !== null) continue;
    if (field.filled) value[field.property] = absent(field.schema);
    if (field.required) {
      report(
        evaluation,
        header,
        "Missing required argument",
        `The argument ${JSON.stringify(field.name)} is required, but no definition was found.`,
      );
    }
  }
}

function decodeAttribute(
  schema: ObjectSchema,
  field: HclField | undefined,
  attribute: Attribute,
  value: Decoded,
  scope: Scope,
  decoding: Decoding,
): void {
  if (field === undefined) {
    unexpectedAttribute(schema, attribute, decoding);
    return;
  }
  const decoded = decodeExpression(field.schema, attribute.expression, scope, decoding);
  decoding.positions.note(value, field.property, attribute);
  value[field.property] = decoded === failed ? null : decoded;
}

function unexpectedAttribute(
  schema: ObjectSchema,
  { name, nameSpan }: Attribute,
  { evaluation, lenient }: Decoding,
): void {
  const names = namesOf(schema, lenient);
  if (names.shorthands.has(name)) return;
  const hint = names.blocks.has(name)
    ? ` Did you mean to define a block of type ${JSON.stringify(name)}? Then write it without the equals sign.`
    : suggestion(name, knownNames(schema, decodingNames(lenient)));
  report(
    evaluation,
    nameSpan,
    "Unsupported argument",
    `An argument named ${JSON.stringify(name)} is not expected here.${hint}`,
  );
}

function decodingNames(lenient: boolean): "property" | "name" {
  return lenient ? "property" : "name";
}

/** All names that would be right, as the text writes them. */
function knownNames(schema: ObjectSchema, spelling: "property" | "name"): string[] {
  const names = namesOf(schema, false);
  const fields = [...names.attributes.values(), ...[...names.blocks.values()].flat()];
  return [...fields.map((field) => field[spelling]), ...names.shorthands.keys()];
}

/** A value written as an expression. */
function decodeExpression(schema: Schema, expression: Expression, scope: Scope, decoding: Decoding): unknown {
  const { evaluation, positions } = decoding;
  if (isValueSchema(schema)) return decodeValue(schema, expression, scope, evaluation);
  if (expression.kind === "object" && schema.kind !== "opaque" && schema.kind !== "list") {
    const body = bodyOf(expression, scope, evaluation);
    if (body !== null) return decodeContent(schema, body, expression, scope, decoding);
  }
  if (expression.kind === "tuple" && schema.kind === "list") {
    const items: unknown[] = [];
    for (const item of expression.items) {
      positions.note(items, items.length, item);
      items.push(decodeExpression(schema.items, item, scope, decoding));
    }
    return items;
  }
  return decodeData(schema, expression, scope, decoding);
}

/** A computed value, which has places only as a whole. */
function decodeData(
  schema: Schema,
  expression: Expression,
  scope: Scope,
  { evaluation, lenient }: Decoding,
): unknown {
  const value = evaluation.evaluate(expression, scope, evaluation);
  if (value.kind === "unknown") return failed;
  const json = toJson(value);
  if (schema.kind === "opaque") return json;
  const { value: decoded, problems } = decode(schema, json, { lenient });
  for (const { summary, detail } of problems) report(evaluation, expression, summary, detail);
  return decoded;
}

/** An object constructor read as a body: its keys are the names. */
function bodyOf(
  expression: Expression & { kind: "object" },
  scope: Scope,
  evaluation: Evaluation,
): AnyBody | null {
  const attributes: Attribute[] = [];
  for (const { key, value } of expression.items) {
    const name = evaluation.evaluate(key, scope, evaluation);
    if (name.kind !== "string") return null;
    attributes.push({ name: name.text, nameSpan: key, expression: value, start: key.start, end: value.end });
  }
  return { form: "native", attributes, blocks: [], start: expression.start, end: expression.end };
}

function decodeContent(
  schema: Schema,
  body: AnyBody,
  header: Span,
  scope: Scope,
  decoding: Decoding,
): unknown {
  if (schema.kind === "object") return decodeBody(schema, body, header, scope, decoding);
  if (schema.kind === "map") return decodeMap(schema, body, scope, decoding);
  return schema.kind === "list"
    ? decodeContent(schema.items, body, header, scope, decoding)
    : opaqueBody(body, scope, decoding.evaluation);
}

/** A body whose names are keys. */
function decodeMap(schema: MapSchema, body: AnyBody, scope: Scope, decoding: Decoding): unknown {
  const { evaluation, positions, lenient } = decoding;
  if (schema.values.kind === "opaque") return opaqueBody(body, scope, evaluation);
  const content = lenient
    ? contentOf(body, () => null, evaluation)
    : { attributes: attributesOf(body, evaluation), blocks: [] };
  const entries: [string, unknown][] = [];
  for (const { name, expression } of content.attributes) {
    const item = decodeExpression(schema.values, expression, scope, decoding);
    if (item === null && isValueSchema(schema.values)) {
      report(
        evaluation,
        expression,
        "Unsuitable value",
        `The value of ${JSON.stringify(name)} must not be null.`,
      );
    }
    entries.push([name, item === failed ? null : item]);
  }
  for (const block of expandedBlocks(content.blocks, scope, evaluation)) {
    entries.push([
      block.type,
      decodeContent(schema.values, block.body, block.typeSpan, block.scope, decoding),
    ]);
  }
  const value = Object.fromEntries(entries);
  for (const place of [...content.attributes, ...content.blocks]) {
    positions.note(value, "type" in place ? place.type : place.name, place);
  }
  return value;
}

function decodeBlock(
  schema: ObjectSchema,
  fields: readonly BlockField[],
  block: ScopedBlock,
  value: Decoded,
  decoding: Decoding,
): void {
  const [field] = fields;
  if (field === undefined) {
    unexpectedBlock(schema, block, decoding);
    return;
  }
  if (!hasRightLabels(field, block, decoding)) return;
  const content = decodeContent(
    contentSchema(field.schema),
    block.body,
    block.typeSpan,
    block.scope,
    decoding,
  );
  const label = block.labels[0]?.text;
  if (field.label !== undefined && label !== undefined && isObject(content)) {
    content[field.label] = Object.hasOwn(field.labelValues ?? {}, label) ? field.labelValues?.[label] : label;
    decoding.positions.note(content, field.label, block.labels[0] ?? block);
  }
  place(fields, block, content, value, decoding);
}

function isObject(value: unknown): value is Decoded {
  return typeof value === "object" && value !== null;
}

/** What one block of a field holds. */
function contentSchema(schema: Schema): Schema {
  if (schema.kind === "list") return schema.items;
  return schema.kind === "map" &&
    schema.values.kind === "object" &&
    schema.hcl?.form === "block" &&
    schema.hcl.label !== undefined
    ? schema.values
    : schema;
}

/** Puts what a block holds into the first field that has room for it. */
function place(
  fields: readonly BlockField[],
  block: ScopedBlock,
  content: unknown,
  value: Decoded,
  decoding: Decoding,
): void {
  const { positions, evaluation } = decoding;
  positions.noteObject(content, block);
  const candidates = fields.filter(
    ({ holds }) => holds === undefined || (isObject(content) && holds(content)),
  );
  for (const { property, schema, label } of candidates) {
    const there = value[property];
    if (schema.kind === "list") {
      const items = Array.isArray(there) ? there : [];
      items.push(content);
      value[property] = items;
      if (items.length === 1) positions.note(value, property, block);
      return;
    }
    if (schema.kind === "map" && label !== undefined) {
      placeInMap(property, block, content, value, decoding);
      return;
    }
    if (there === undefined) {
      value[property] = content;
      positions.note(value, property, block);
      return;
    }
  }
  report(
    evaluation,
    block.typeSpan,
    `Duplicate ${block.type} block`,
    `Only one ${block.type} block is allowed here, and there is one before it.`,
  );
}

function placeInMap(
  property: string,
  block: ScopedBlock,
  content: unknown,
  value: Decoded,
  { positions, evaluation }: Decoding,
): void {
  const name = block.labels[0]?.text ?? "";
  const before = isObject(value[property]) ? value[property] : {};
  if (Object.hasOwn(before, name)) {
    report(
      evaluation,
      block.typeSpan,
      `Duplicate ${block.type} block`,
      `There is already a ${block.type} block named ${JSON.stringify(name)}.`,
    );
    return;
  }
  Object.defineProperty(before, name, {
    value: content,
    enumerable: true,
    writable: true,
    configurable: true,
  });
  value[property] = before;
  positions.note(value, property, block);
}

function hasRightLabels(
  { name, label, labelValues }: BlockField,
  block: ScopedBlock,
  { evaluation, lenient }: Decoding,
): boolean {
  const wanted = label === undefined ? 0 : 1;
  const [first, second] = block.labels;
  if (block.labels.length < wanted && !lenient) {
    report(
      evaluation,
      block.typeSpan,
      `Missing name for ${name}`,
      `All ${name} blocks must have 1 label: ${name} "name" { … }.`,
    );
    return false;
  }
  const extra = wanted === 0 ? first : second;
  if (extra !== undefined) {
    report(
      evaluation,
      extra,
      `Extraneous label for ${name}`,
      wanted === 0
        ? `No labels are expected for ${name} blocks.`
        : `Only 1 label is expected for ${name} blocks.`,
    );
    return false;
  }
  if (labelValues !== undefined && first !== undefined && !Object.hasOwn(labelValues, first.text)) {
    const names = Object.keys(labelValues)
      .map((key) => JSON.stringify(key))
      .join(" or ");
    report(evaluation, first, `Invalid ${name} name`, `The label of a ${name} block here must be ${names}.`);
    return false;
  }
  return true;
}

function unexpectedBlock(
  schema: ObjectSchema,
  { type, typeSpan }: ScopedBlock,
  { evaluation, lenient }: Decoding,
): void {
  const names = namesOf(schema, lenient);
  const hint =
    names.attributes.has(type) || names.shorthands.has(type)
      ? ` Did you mean to define argument ${JSON.stringify(type)}? If so, use the equals sign to assign it a value.`
      : suggestion(type, knownNames(schema, decodingNames(lenient)));
  report(
    evaluation,
    typeSpan,
    "Unsupported block type",
    `Blocks of type ${JSON.stringify(type)} are not expected here.${hint}`,
  );
}

/** Attributes that stand for several fields. */
function decodeShorthands(
  schema: ObjectSchema,
  attributes: readonly Attribute[],
  value: Decoded,
  scope: Scope,
  decoding: Decoding,
): void {
  const { shorthands } = namesOf(schema, decoding.lenient);
  for (const [name, shorthand] of shorthands) {
    const attribute = attributes.find((candidate) => candidate.name === name);
    if (attribute === undefined) continue;
    const given = decodeValue(
      { kind: shorthand.kind, doc: "" },
      attribute.expression,
      scope,
      decoding.evaluation,
    );
    if (shorthand.value === undefined)
      warn(decoding.evaluation, attribute.nameSpan, "Without effect", shorthand.doc);
    if (given === failed || given === null || given === "" || shorthand.value === undefined) continue;
    for (const [property, text] of [
      ...Object.entries(shorthand.sets),
      [shorthand.value, String(given)] as const,
    ]) {
      value[property] = text;
      decoding.positions.note(value, property, attribute);
    }
  }
}
