import { pathText } from "#model/diagnostic.ts";
import { canonical } from "#model/schema/canonical.ts";
import { check } from "#model/schema/check.ts";
import { decode } from "#model/schema/decode.ts";
import type { ObjectSchema, Value } from "#model/schema/schema.ts";

/** An extension's arguments by their schema; throws the first mistake. */
export function argumentsOf<S extends ObjectSchema>(
  schema: S,
  args: Readonly<Record<string, unknown>>,
): Value<S> {
  const { value, problems } = decode(schema, args, { lenient: true });
  const read = canonical(schema, value);
  const [problem] = [...problems, ...check(schema, read, [])];
  if (problem) throw new Error(`${pathText(problem.path ?? [])}: ${problem.summary}: ${problem.detail}`);
  return read;
}
