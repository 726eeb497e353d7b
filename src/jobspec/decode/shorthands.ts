import type { ObjectSchema } from "#model/schema/schema.ts";
import type { Scope } from "../evaluate/scope.ts";
import { warn } from "../evaluate/scope.ts";
import type { Attribute } from "../syntax/ast.ts";
import type { Decoded, Decoding } from "./decoding.ts";
import { namesOf } from "./names.ts";
import { decodeValue, failed } from "./scalar.ts";

/** Attributes that stand for several fields. */
export function decodeShorthands(
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
