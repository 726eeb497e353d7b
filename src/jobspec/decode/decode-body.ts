import { absent } from "#model/schema/canonical.ts";
import { decode } from "#model/schema/decode.ts";
import type { HclField } from "#model/schema/hcl-form.ts";
import type { MapSchema, ObjectSchema, Schema } from "#model/schema/schema.ts";
import type { AnyBody } from "../body/body.ts";
import { attributesOf, contentOf } from "../body/body.ts";
import type { ScopedBlock } from "../body/dynamic.ts";
import { expandedBlocks } from "../body/dynamic.ts";
import type { Evaluation, Scope } from "../evaluate/scope.ts";
import { report } from "../evaluate/scope.ts";
import type { Attribute, Expression } from "../syntax/ast.ts";
import type { Span } from "../syntax/source.ts";
import { toJson } from "../values/to-json.ts";
import type { BlockField, Decoded, Decoding } from "./decoding.ts";
import { isObject } from "./decoding.ts";
import { hasRightLabels } from "./labels.ts";
import { lenientName, namesOf } from "./names.ts";
import { opaqueBody } from "./opaque.ts";
import { place } from "./place.ts";
import { decodeValue, failed, isValueSchema } from "./scalar.ts";
import { decodeShorthands } from "./shorthands.ts";
import { unexpectedAttribute, unexpectedBlock } from "./unexpected.ts";

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
    : opaqueBody(body, scope, decoding.evaluation, objectsIn(decoding));
}

const objectsIn = ({ lenient }: Decoding) => (lenient ? "plain" : "listed");

/** A body whose names are keys. */
function decodeMap(schema: MapSchema, body: AnyBody, scope: Scope, decoding: Decoding): unknown {
  const { evaluation, positions, lenient } = decoding;
  if (schema.values.kind === "opaque") return opaqueBody(body, scope, evaluation, objectsIn(decoding));
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
  const hasLabels = hasRightLabels(field, block, decoding);
  const content = decodeContent(
    contentSchema(field.schema),
    block.body,
    block.typeSpan,
    block.scope,
    decoding,
  );
  if (!hasLabels) return;
  const label = block.labels[0]?.text;
  if (field.label !== undefined && label !== undefined && isObject(content)) {
    content[field.label] = Object.hasOwn(field.labelValues ?? {}, label) ? field.labelValues?.[label] : label;
    decoding.positions.note(content, field.label, block.labels[0] ?? block);
  }
  place(fields, block, content, value, decoding);
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
