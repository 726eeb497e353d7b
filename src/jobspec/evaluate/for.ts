import type { For } from "../syntax/ast.ts";
import type { Value } from "../values/value.ts";
import { objectValue, tupleValue, unknown } from "../values/value.ts";
import { valuesIn } from "./describe.ts";
import { expectCondition, expectElements, expectKey } from "./expect.ts";
import type { Evaluation, Scope } from "./scope.ts";
import { report, within } from "./scope.ts";

/** A tuple, or with a key an object. After the first turn that fails there are no more. */
export function evaluateFor(expression: For, scope: Scope, evaluation: Evaluation): Value {
  const turns = turnsOf(expression, scope, evaluation);
  if (turns === null) return unknown;
  return expression.key === null
    ? tupleOf(expression, turns, evaluation)
    : objectOf(expression, expression.key, turns, evaluation);
}

/** One scope for each element that the condition lets through. */
function turnsOf(expression: For, scope: Scope, evaluation: Evaluation): Scope[] | null {
  const { keyName, valueName, condition } = expression;
  const elements = expectElements(expression.collection, "'for' expression", scope, evaluation);
  if (elements === null) return null;
  const turns: Scope[] = [];
  for (const [key, value] of elements) {
    const turn = within(scope, [...(keyName === null ? [] : [[keyName, key] as const]), [valueName, value]]);
    const included = condition === null || expectCondition(condition, turn, evaluation);
    if (included === null) return null;
    if (included) turns.push(turn);
  }
  return turns;
}

function tupleOf({ value }: For, turns: readonly Scope[], evaluation: Evaluation): Value {
  const items: Value[] = [];
  for (const turn of turns) {
    const before = evaluation.diagnostics.length;
    items.push(evaluation.evaluate(value, turn, evaluation));
    if (evaluation.diagnostics.length > before) return unknown;
  }
  return tupleValue(items);
}

function objectOf(
  expression: For,
  key: For["value"],
  turns: readonly Scope[],
  evaluation: Evaluation,
): Value {
  const entries = new Map<string, Value[]>();
  for (const turn of turns) {
    const before = evaluation.diagnostics.length;
    const name = expectKey(key, turn, evaluation);
    const value = evaluation.evaluate(expression.value, turn, evaluation);
    if (name === null || evaluation.diagnostics.length > before) return unknown;
    const known = entries.get(name);
    if (known === undefined) entries.set(name, [value]);
    else if (expression.grouped) known.push(value);
    else {
      const detail = `Two different items produced the key ${JSON.stringify(name)} in this 'for' expression. If duplicates are expected, use the ellipsis (...) after the value expression to enable grouping by key.`;
      report(evaluation, key, "Duplicate object key", detail, valuesIn(key, turn));
      return unknown;
    }
  }
  return objectValue(
    Array.from(
      entries,
      ([name, values]) => [name, expression.grouped ? tupleValue(values) : (values[0] ?? unknown)] as const,
    ),
  );
}
