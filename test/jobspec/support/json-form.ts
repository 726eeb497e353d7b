import type { Attribute, Body, Expression } from "#jobspec/syntax/ast.ts";
import { parseBody } from "#jobspec/syntax/parser.ts";
import type { Json } from "#model/schema/schema.ts";

type JsonObject = { [key: string]: Json };

/** A file of native syntax in HCL's JSON form: its expressions stay as text. */
export function toJsonForm(text: string): string {
  const { value } = parseBody({ filename: "job.hcl", text });
  return JSON.stringify(bodyToJson(value, text, false), null, 2);
}

/** Blocks of a driver's settings and the like, in which an object and a list of one are not the same. */
const opaque: ReadonlySet<string> = new Set(["config", "policy"]);

function bodyToJson(body: Body, text: string, isOpaque: boolean): JsonObject {
  const object: JsonObject = {};
  for (const attribute of body.attributes)
    object[attribute.name] = attributeToJson(attribute, text, isOpaque);
  for (const { type, labels, body: inner } of body.blocks) {
    const content = bodyToJson(inner, text, isOpaque || opaque.has(type));
    const labelled = labels.reduceRight<JsonObject>((nested, label) => ({ [label.text]: [nested] }), content);
    const before = object[type];
    const isAlone = before === undefined && labels.length === 0 && !isOpaque;
    object[type] = isAlone
      ? labelled
      : [...(Array.isArray(before) ? before : before === undefined ? [] : [before]), labelled];
  }
  return object;
}

function attributeToJson({ name, expression }: Attribute, text: string, isOpaque: boolean): Json {
  if (name === "iterator" && expression.kind === "reference") return expression.root;
  const value = expressionToJson(expression, text);
  return isOpaque && expression.kind === "object" ? [value] : value;
}

function expressionToJson(expression: Expression, text: string): Json {
  if (expression.kind === "literal" && expression.value.kind === "bool") return expression.value.truth;
  if (expression.kind === "literal" && expression.value.kind === "null") return null;
  const written = text.slice(expression.start, expression.end);
  if (expression.kind === "literal" && expression.value.kind === "number" && /^[\d.]{1,15}$/.test(written))
    return Number(written);
  return `\${${written}${written.includes("<<") ? "\n" : ""}}`;
}
