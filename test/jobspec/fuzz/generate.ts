import { job } from "#model/job/job.ts";
import { hclFields } from "#model/schema/hcl-form.ts";
import type { ObjectSchema, Schema } from "#model/schema/schema.ts";
import type { Random } from "../../support/random.ts";
import { expression, template } from "./expression.ts";

/** A job file by the grammar and the schema: mostly of the right form, with wrong values here and there. */
export function jobFileOf(random: Random): string {
  const parts = [
    ...random.times(2, () => `variable "v${random.below(3)}" {\n  default = ${expression(random, 2)}\n}\n`),
    ...random.times(2, () => `locals {\n  l${random.below(3)} = ${expression(random, 3)}\n}\n`),
    `job ${label(random)} {\n${body(job, random, 0)}}\n`,
  ];
  return parts.join("\n");
}

const deepest = 9;

function body(schema: ObjectSchema, random: Random, depth: number): string {
  const fields = hclFields(schema);
  if (fields.length === 0) return "";
  const written = random.times(5, () => {
    const field = random.pick(fields);
    if (field.form === "attribute") return `${field.name} = ${valueFor(field.schema, random)}\n`;
    const inner = objectIn(field.schema);
    const labels = field.label === undefined ? "" : `${label(random)} `;
    if (depth >= deepest) return "";
    const content = inner === null ? mapBody(random) : body(inner, random, depth + 1);
    if (random.chance(0.06)) return dynamicBlock(field.name, content, random);
    return `${field.name} ${labels}{\n${content}}\n`;
  });
  return written.join("");
}

function dynamicBlock(type: string, content: string, random: Random): string {
  return `dynamic "${type}" {\n  for_each = ${expression(random, 2)}\n  labels = [${type}.value]\n  content {\n${content}}\n}\n`;
}

function mapBody(random: Random): string {
  return random.times(3, () => `k${random.below(4)} = ${expression(random, 2)}\n`).join("");
}

function objectIn(schema: Schema): ObjectSchema | null {
  if (schema.kind === "object") return schema;
  if (schema.kind === "list") return objectIn(schema.items);
  return schema.kind === "map" ? objectIn(schema.values) : null;
}

function valueFor(schema: Schema, random: Random): string {
  if (random.chance(0.15)) return expression(random, 3);
  switch (schema.kind) {
    case "string":
      return schema.oneOf !== undefined && random.chance(0.8)
        ? JSON.stringify(random.pick(schema.oneOf))
        : template(random, 1);
    case "integer":
    case "number":
      return random.pick(["0", "1", "-1", "42", "65536", "9007199254740993", "1e400", "2.5", '"7"']);
    case "duration":
      return random.pick(['"30s"', '"1h30m"', '"-5ns"', '"9999999h"', "5", '"soon"']);
    case "boolean":
      return random.pick(["true", "false", '"true"', "!true"]);
    case "list":
      return `[${random.times(3, () => valueFor(schema.items, random)).join(", ")}]`;
    case "map":
    case "object":
    case "opaque":
      return expression(random, 2);
  }
}

function label(random: Random): string {
  return random.pick(['"a"', '"b"', '"web"', '"größe"', '""', '"a b"', '"cpu"', "bare"]);
}
