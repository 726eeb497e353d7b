import type { Json } from "#model/schema/schema.ts";
import type { AnyBlock, AnyBody } from "../body/body.ts";
import { attributesOf } from "../body/body.ts";
import type { Evaluation, Scope } from "../evaluate/scope.ts";
import type { Expression } from "../syntax/ast.ts";
import { toJson } from "../values/to-json.ts";
import { weightOf } from "../values/weight.ts";

type JsonObject = { [key: string]: Json };

/** How an object is read that stands by itself: as a list of one, for that is how HCL tells blocks, or as it is. */
type Objects = "listed" | "plain";

/**
 * A body of which only its reader knows what is in it, such as a driver's configuration. A block is a list with one
 * object, repeated blocks are a list of objects, a label is a level of its own; an object written as such is a list
 * with one object too. What is null at the top is not there.
 */
export function opaqueBody(
  body: AnyBody,
  scope: Scope,
  evaluation: Evaluation,
  objects: Objects,
): JsonObject {
  const entries =
    body.form === "native"
      ? entriesOf(body, scope, evaluation, objects)
      : jsonEntries(body, scope, evaluation);
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}

function jsonEntries(body: AnyBody, scope: Scope, evaluation: Evaluation): [string, Json][] {
  return attributesOf(body, evaluation).map(({ name, expression }) => [
    name,
    evaluated(expression, scope, evaluation),
  ]);
}

function entriesOf(
  body: AnyBody & { form: "native" },
  scope: Scope,
  evaluation: Evaluation,
  objects: Objects,
): [string, Json][] {
  const attributes = body.attributes.map(({ name, expression }): [string, Json] => {
    const value = evaluated(expression, scope, evaluation);
    return [name, expression.kind === "object" && objects === "listed" ? [value] : value];
  });
  const blocks = Map.groupBy(body.blocks, ({ type }) => type);
  return [
    ...attributes,
    ...Array.from(blocks, ([type, alike]): [string, Json] => {
      const values = alike.map((block) => blockValue(block, scope, evaluation, objects));
      return [type, alone(values, objects)];
    }),
  ];
}

function alone(values: Json[], objects: Objects): Json {
  const [only] = values;
  return objects === "plain" && values.length === 1 && only !== undefined ? only : values;
}

function blockValue(
  { labels, body }: AnyBlock,
  scope: Scope,
  evaluation: Evaluation,
  objects: Objects,
): Json {
  const content: Json =
    body.form === "native" ? Object.fromEntries(entriesOf(body, scope, evaluation, objects)) : {};
  return labels.reduceRight<Json>((inner, { text }) => ({ [text]: alone([inner], objects) }), content);
}

function evaluated(expression: Expression, scope: Scope, evaluation: Evaluation): Json {
  const value = evaluation.evaluate(expression, scope, evaluation);
  evaluation.budget.spend(weightOf(value));
  return toJson(value);
}
