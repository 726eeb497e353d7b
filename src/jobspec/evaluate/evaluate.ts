import type { Expression, Step } from "../syntax/ast.ts";
import type { Span } from "../syntax/source.ts";
import { between } from "../syntax/source.ts";
import { convert } from "../values/convert.ts";
import { sameType, stringType, typeName } from "../values/type.ts";
import { unify } from "../values/unify.ts";
import type { Value } from "../values/value.ts";
import { listValue, objectValue, stringValue, tupleValue, typeOf, unknown } from "../values/value.ts";
import { weightOf } from "../values/weight.ts";
import { callFunction } from "./call.ts";
import { valuesIn } from "./describe.ts";
import { attempt, expectCondition, expectKey, expectText } from "./expect.ts";
import { evaluateFor } from "./for.ts";
import { attributeOf, elementOf, LookupError } from "./lookup.ts";
import { applyBinary, applyUnary, OperandError } from "./operators.ts";
import type { Evaluation, Scope } from "./scope.ts";
import { lookUp, report, within } from "./scope.ts";

/** The name under which the item of a splat is in scope; no one can write it. */
const splatItem = "*";

/** The value of an expression. What cannot be evaluated is reported and gives an unknown value. */
export function evaluate(expression: Expression, scope: Scope, evaluation: Evaluation): Value {
  evaluation.budget.at = expression;
  evaluation.budget.spend(1);
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "parentheses":
    case "interpolation":
      return evaluate(expression.inner, scope, evaluation);
    case "template":
      return template(expression, scope, evaluation);
    case "join":
      return join(expression, scope, evaluation);
    case "reference":
      return reference(expression, scope, evaluation);
    case "traversal":
      return steps(
        evaluate(expression.source, scope, evaluation),
        expression.steps,
        expression,
        scope,
        evaluation,
      );
    case "index":
      return index(expression, scope, evaluation);
    case "splat":
      return splat(expression, scope, evaluation);
    case "splat item":
      return lookUp(scope, splatItem) ?? unknown;
    case "call":
      return callFunction(expression, scope, evaluation);
    case "conditional":
      return conditional(expression, scope, evaluation);
    case "binary":
    case "unary":
      return operation(expression, scope, evaluation);
    case "object":
      return object(expression, scope, evaluation);
    case "tuple":
      return tupleValue(expression.items.map((item) => evaluate(item, scope, evaluation)));
    case "for":
      return evaluateFor(expression, scope, evaluation);
    case "invalid":
      return unknown;
  }
}

type Node<Kind extends Expression["kind"]> = Extract<Expression, { kind: Kind }>;

function template({ parts }: Node<"template">, scope: Scope, evaluation: Evaluation): Value {
  let text = "";
  let known = true;
  for (const part of parts) {
    const value = expectText(part, scope, evaluation);
    if (value === null) known = false;
    else text += value;
  }
  if (!known) return { kind: "unknown", type: stringType };
  evaluation.budget.spendText(text.length);
  return stringValue(text);
}

function join({ parts }: Node<"join">, scope: Scope, evaluation: Evaluation): Value {
  const texts = evaluate(parts, scope, evaluation);
  if (texts.kind !== "tuple") return unknown;
  let text = "";
  for (const item of texts.items) {
    if (item.kind !== "string") return { kind: "unknown", type: stringType };
    text += item.text;
  }
  evaluation.budget.spendText(text.length);
  return stringValue(text);
}

function reference(expression: Node<"reference">, scope: Scope, evaluation: Evaluation): Value {
  const root = lookUp(scope, expression.root);
  if (root !== undefined) {
    const value = steps(root, expression.steps, expression, scope, evaluation);
    evaluation.budget.spend(weightOf(value));
    return value;
  }
  if (evaluation.unknownNames === "keep") return stringValue(expression.text);
  report(
    evaluation,
    expression,
    "Variables not allowed",
    `Variables may not be used here: ${expression.text.slice(2, -1)} cannot be looked up.`,
  );
  return unknown;
}

function steps(start: Value, path: readonly Step[], from: Span, scope: Scope, evaluation: Evaluation): Value {
  let value = start;
  for (const step of path) {
    evaluation.budget.spend(1);
    const before = value;
    value = lookedUp({ start: from.start, end: step.end }, evaluation, scope, null, () =>
      step.kind === "attribute" ? attributeOf(before, step.name) : elementOf(before, step.key),
    );
  }
  return value;
}

function lookedUp(
  span: Span,
  evaluation: Evaluation,
  scope: Scope,
  key: Expression | null,
  work: () => Value,
): Value {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof LookupError)) throw error;
    report(evaluation, span, error.summary, error.message, key === null ? [] : valuesIn(key, scope));
    return unknown;
  }
}

function index(expression: Node<"index">, scope: Scope, evaluation: Evaluation): Value {
  const collection = evaluate(expression.collection, scope, evaluation);
  const key = evaluate(expression.key, scope, evaluation);
  return lookedUp(expression, evaluation, scope, expression.key, () => elementOf(collection, key));
}

/** A value that is no sequence counts as a sequence of one; null, as an empty one. */
function splat({ source, each }: Node<"splat">, scope: Scope, evaluation: Evaluation): Value {
  const value = evaluate(source, scope, evaluation);
  if (value.kind === "unknown") return unknown;
  if (value.kind === "null") {
    if (!["list", "set", "tuple"].includes(value.type.kind)) return tupleValue([]);
    report(
      evaluation,
      source,
      "Splat of null value",
      "Splat expressions (with the * symbol) cannot be applied to null sequences.",
      valuesIn(source, scope),
    );
    return unknown;
  }
  const isSequence = value.kind === "list" || value.kind === "set" || value.kind === "tuple";
  const items = (isSequence ? value.items : [value]).map((item) =>
    evaluate(each, within(scope, [[splatItem, item]]), evaluation),
  );
  if (value.kind !== "list" && value.kind !== "set") return tupleValue(items);
  const [first] = items;
  return listValue(first === undefined ? value.element : typeOf(first), items);
}

/** The results are of one type whatever the condition; only the chosen one's mistakes count. */
function conditional(expression: Node<"conditional">, scope: Scope, evaluation: Evaluation): Value {
  const condition = expectCondition(expression.condition, scope, evaluation);
  const whenTrue = quietly(expression.whenTrue, scope, evaluation);
  const whenFalse = quietly(expression.whenFalse, scope, evaluation);
  const type = commonType(whenTrue.value, whenFalse.value);
  if (type === null) {
    const detail = `The true and false result expressions must have consistent types, but they are ${typeName(typeOf(whenTrue.value))} and ${typeName(typeOf(whenFalse.value))}.`;
    report(
      evaluation,
      between(expression.whenTrue, expression.whenFalse),
      "Inconsistent conditional result types",
      detail,
    );
    return unknown;
  }
  if (condition === null) return unknown;
  const [chosen, at] = condition ? [whenTrue, expression.whenTrue] : [whenFalse, expression.whenFalse];
  evaluation.diagnostics.push(...chosen.diagnostics);
  const detail = `The ${condition} result value has the wrong type`;
  return attempt(at, "Inconsistent conditional result types", detail, scope, evaluation, () =>
    convert(chosen.value, type),
  );
}

function quietly(expression: Expression, scope: Scope, evaluation: Evaluation) {
  const diagnostics: Evaluation["diagnostics"] = [];
  return { value: evaluate(expression, scope, { ...evaluation, diagnostics }), diagnostics };
}

function commonType(a: Value, b: Value) {
  const [left, right] = [typeOf(a), typeOf(b)];
  if (sameType(left, right)) return left;
  if (left.kind === "any") return a.kind === "null" ? right : left;
  if (right.kind === "any") return b.kind === "null" ? left : right;
  return unify([left, right], true);
}

function operation(expression: Node<"binary" | "unary">, scope: Scope, evaluation: Evaluation): Value {
  const isBinary = expression.kind === "binary";
  const left = isBinary ? evaluate(expression.left, scope, evaluation) : unknown;
  const right = evaluate(isBinary ? expression.right : expression.operand, scope, evaluation);
  try {
    return isBinary ? applyBinary(expression.operator, left, right) : applyUnary(expression.operator, right);
  } catch (error) {
    if (!(error instanceof OperandError)) throw error;
    const sides = isBinary ? { left: expression.left, right: expression.right, both: expression } : null;
    const at = sides === null ? expression : sides[error.side];
    const operand = isBinary && error.side !== "both" ? ` for ${error.side} operand` : "";
    report(
      evaluation,
      at,
      "Invalid operand",
      `Unsuitable value${operand}: ${error.message}.`,
      valuesIn(expression, scope),
    );
    return unknown;
  }
}

/** Of equal keys the last wins. */
function object({ items }: Node<"object">, scope: Scope, evaluation: Evaluation): Value {
  const entries: [string, Value][] = [];
  let known = true;
  for (const { key, value } of items) {
    const name = expectKey(key, scope, evaluation);
    const content = evaluate(value, scope, evaluation);
    if (name === null) known = false;
    else entries.push([name, content]);
  }
  return known ? objectValue(entries) : unknown;
}
