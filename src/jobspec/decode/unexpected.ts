import type { ObjectSchema } from "#model/schema/schema.ts";
import { suggestion } from "#model/spelling.ts";
import type { ScopedBlock } from "../body/dynamic.ts";
import { report } from "../evaluate/scope.ts";
import type { Attribute } from "../syntax/ast.ts";
import type { Decoding } from "./decoding.ts";
import { namesOf } from "./names.ts";

/** Reports an attribute that the schema does not have, with what was probably meant. */
export function unexpectedAttribute(
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

/** Reports a block that the schema does not have, with what was probably meant. */
export function unexpectedBlock(
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

function decodingNames(lenient: boolean): "property" | "name" {
  return lenient ? "property" : "name";
}

/** All names that would be right, as the text writes them. */
function knownNames(schema: ObjectSchema, spelling: "property" | "name"): string[] {
  const names = namesOf(schema, false);
  const fields = [...names.attributes.values(), ...[...names.blocks.values()].flat()];
  return [...fields.map((field) => field[spelling]), ...names.shorthands.keys()];
}
