import type { AnyBlock } from "../body/body.ts";
import { attributesOf } from "../body/body.ts";
import { childrenOf } from "../evaluate/children.ts";
import type { Evaluation, Scope } from "../evaluate/scope.ts";
import { report, within } from "../evaluate/scope.ts";
import type { Attribute, Expression } from "../syntax/ast.ts";
import type { Value } from "../values/value.ts";
import { objectValue, unknown } from "../values/value.ts";

/** The values of the `locals` blocks, which may refer to one another in any order. */
export function evaluateLocals(
  blocks: readonly AnyBlock[],
  scope: Scope,
  evaluation: Evaluation,
): Map<string, Value> {
  const locals = readLocals(blocks, evaluation);
  const values = new Map<string, Value>();
  for (const name of locals.keys()) settle(name, [], locals, values, scope, evaluation);
  return values;
}

function readLocals(blocks: readonly AnyBlock[], evaluation: Evaluation): Map<string, Attribute> {
  const locals = new Map<string, Attribute>();
  for (const attribute of blocks.flatMap(({ body }) => attributesOf(body, evaluation))) {
    if (locals.has(attribute.name)) {
      report(
        evaluation,
        attribute.nameSpan,
        "Duplicate value in locals",
        `There is already a local value named ${JSON.stringify(attribute.name)}.`,
      );
    } else {
      locals.set(attribute.name, attribute);
    }
  }
  return locals;
}

/** Evaluates a local value after those that it refers to. `path` leads to it from where the search began. */
function settle(
  name: string,
  path: readonly string[],
  locals: ReadonlyMap<string, Attribute>,
  values: Map<string, Value>,
  scope: Scope,
  evaluation: Evaluation,
): void {
  const local = locals.get(name);
  if (local === undefined || values.has(name)) return;
  if (path.includes(name)) {
    const way = [...path.slice(path.indexOf(name)), name].map((step) => `local.${step}`).join(" → ");
    report(
      evaluation,
      local.nameSpan,
      "Circular reference in locals",
      `The local values refer to one another in a circle: ${way}.`,
    );
    values.set(name, unknown);
    return;
  }
  for (const needed of localsIn(local.expression, locals)) {
    if (needed !== name || path.length === 0)
      settle(needed, [...path, name], locals, values, scope, evaluation);
  }
  if (!values.has(name)) {
    values.set(
      name,
      evaluation.evaluate(local.expression, within(scope, [["local", objectValue(values)]]), evaluation),
    );
  }
}

/** The local values that an expression refers to; all of them when it takes `local` as a whole. */
function localsIn(expression: Expression, locals: ReadonlyMap<string, Attribute>): string[] {
  if (expression.kind === "reference" && expression.root === "local") {
    const [step] = expression.steps;
    if (step?.kind === "attribute") return [step.name];
    return step?.key.kind === "string" ? [step.key.text] : [...locals.keys()];
  }
  return childrenOf(expression).flatMap((child) => localsIn(child, locals));
}
