import type { Expression } from "../syntax/ast.ts";
import { ConversionError, convert } from "../values/convert.ts";
import { boolType, stringType, typeName } from "../values/type.ts";
import type { Value } from "../values/value.ts";
import { typeOf, unknown } from "../values/value.ts";
import { valuesIn } from "./describe.ts";
import { elementsOf } from "./lookup.ts";
import type { Evaluation, Scope } from "./scope.ts";
import { report } from "./scope.ts";

/** Runs what may throw a ConversionError, and reports that. */
export function attempt(
  at: Expression,
  summary: string,
  detail: string,
  scope: Scope,
  evaluation: Evaluation,
  work: () => Value,
): Value {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    report(evaluation, at, summary, `${detail}: ${error.message}.`, valuesIn(at, scope));
    return unknown;
  }
}

/** The text of a part of a template; null when it has none, which is then reported. */
export function expectText(part: Expression, scope: Scope, evaluation: Evaluation): string | null {
  const value = evaluation.evaluate(part, scope, evaluation);
  const summary = "Invalid template interpolation value";
  if (value.kind === "null") {
    report(
      evaluation,
      part,
      summary,
      "The expression result is null. Cannot include a null value in a string template.",
      valuesIn(part, scope),
    );
    return null;
  }
  const converted = attempt(
    part,
    summary,
    "Cannot include the given value in a string template",
    scope,
    evaluation,
    () => convert(value, stringType),
  );
  return converted.kind === "string" ? converted.text : null;
}

/** Null when there is no answer, which is then reported. */
export function expectCondition(condition: Expression, scope: Scope, evaluation: Evaluation): boolean | null {
  const value = evaluation.evaluate(condition, scope, evaluation);
  if (value.kind === "null") {
    report(
      evaluation,
      condition,
      "Null condition",
      "The condition value is null. Conditions must either be true or false.",
      valuesIn(condition, scope),
    );
    return null;
  }
  const truth = attempt(
    condition,
    "Incorrect condition type",
    "The condition expression must be of type bool",
    scope,
    evaluation,
    () => convert(value, boolType),
  );
  return truth.kind === "bool" ? truth.truth : null;
}

/** The text of a key of an object; null when it is none, which is then reported. */
export function expectKey(key: Expression, scope: Scope, evaluation: Evaluation): string | null {
  const value = evaluation.evaluate(key, scope, evaluation);
  if (value.kind === "null") {
    report(evaluation, key, "Null value as key", "Can't use a null value as a key.", valuesIn(key, scope));
    return null;
  }
  const text = attempt(key, "Incorrect key type", "Can't use this value as a key", scope, evaluation, () =>
    convert(value, stringType),
  );
  return text.kind === "string" ? text.text : null;
}

/** What can be gone through by a `for` or a `dynamic`; null when it cannot, which is then reported. */
export function expectElements(expression: Expression, what: string, scope: Scope, evaluation: Evaluation) {
  const value = evaluation.evaluate(expression, scope, evaluation);
  if (value.kind === "unknown") return null;
  const elements = elementsOf(value);
  if (elements === null) {
    const [summary, detail] =
      value.kind === "null"
        ? ["Iteration over null value", `A null value cannot be used as the collection in a ${what}.`]
        : [
            "Iteration over non-iterable value",
            `A value of type ${typeName(typeOf(value))} cannot be used as the collection in a ${what}.`,
          ];
    report(evaluation, expression, summary, detail, valuesIn(expression, scope));
    return null;
  }
  evaluation.budget.spend(elements.length);
  return elements;
}
