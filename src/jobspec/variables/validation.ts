import type { AnyBody } from "../body/body.ts";
import { attributesOf } from "../body/body.ts";
import { childrenOf } from "../evaluate/children.ts";
import { describe } from "../evaluate/describe.ts";
import { expectCondition } from "../evaluate/expect.ts";
import type { FunctionTable } from "../evaluate/function.ts";
import type { Evaluation } from "../evaluate/scope.ts";
import { emptyScope, report, within } from "../evaluate/scope.ts";
import type { Expression, Reference } from "../syntax/ast.ts";
import type { Span } from "../syntax/source.ts";
import type { Value } from "../values/value.ts";
import { objectValue } from "../values/value.ts";

/** A rule that the value of a variable must obey. */
export interface Validation {
  readonly condition: Expression | null;
  readonly message: string;
  readonly span: Span;
}

export function readValidation(name: string, span: Span, body: AnyBody, evaluation: Evaluation): Validation {
  // In JSON a condition is text that holds an expression.
  const attributes = attributesOf(body, { ...evaluation, functions: evaluation.functions ?? new Map() });
  for (const { name: given, nameSpan } of attributes.filter(
    ({ name }) => name !== "condition" && name !== "error_message",
  )) {
    report(
      evaluation,
      nameSpan,
      "Unsupported argument",
      `An argument named ${JSON.stringify(given)} is not expected here: a validation has condition and error_message.`,
    );
  }
  const condition = attributes.find((attribute) => attribute.name === "condition")?.expression ?? null;
  const message = attributes.find((attribute) => attribute.name === "error_message")?.expression ?? null;
  if (condition === null)
    report(
      evaluation,
      span,
      "Missing required argument",
      'The argument "condition" is required, but no definition was found.',
    );
  else checkReferences(name, condition, evaluation);
  return { condition, message: readMessage(message, span, evaluation), span };
}

function readMessage(expression: Expression | null, span: Span, evaluation: Evaluation): string {
  if (expression === null) {
    report(
      evaluation,
      span,
      "Missing required argument",
      'The argument "error_message" is required, but no definition was found.',
    );
    return "";
  }
  const value = evaluation.evaluate(expression, emptyScope, evaluation);
  if (value.kind === "string" && value.text.trim() !== "") return value.text;
  if (value.kind !== "unknown") {
    report(
      evaluation,
      expression,
      "Invalid validation error message",
      "An empty or blank string is not a valid nor useful error message.",
    );
  }
  return "";
}

/** The condition must look at the variable, and at nothing else. */
function checkReferences(name: string, condition: Expression, evaluation: Evaluation): void {
  const references = referencesIn(condition, new Set());
  const isOwn = ({ root, steps: [first] }: Reference) =>
    root === "var" && first?.kind === "attribute" && first.name === name;
  for (const reference of references.filter((candidate) => !isOwn(candidate))) {
    report(
      evaluation,
      reference,
      "Invalid reference in variable validation",
      `The condition for variable ${JSON.stringify(name)} can only refer to the variable itself, using var.${name}.`,
    );
  }
  if (!references.some(isOwn)) {
    report(
      evaluation,
      condition,
      "Invalid variable validation condition",
      `The condition for variable ${JSON.stringify(name)} must refer to var.${name} in order to test incoming values.`,
    );
  }
}

/** The references of an expression, but for those to the names that its own `for` expressions bring. */
function referencesIn(expression: Expression, bound: ReadonlySet<string>): Reference[] {
  if (expression.kind === "reference") return bound.has(expression.root) ? [] : [expression];
  const inner =
    expression.kind === "for"
      ? bound.union(new Set([expression.keyName ?? "", expression.valueName]))
      : bound;
  return childrenOf(expression).flatMap((child) => referencesIn(child, inner));
}

/** Reports each rule that the value breaks, at `at`: where the value was set. */
export function checkValidations(
  name: string,
  validations: readonly Validation[],
  value: Value,
  at: { readonly span: Span; readonly evaluation: Evaluation },
  functions: FunctionTable,
  evaluation: Evaluation,
): void {
  const scope = within(emptyScope, [["var", objectValue([[name, value]])]]);
  for (const { condition, message } of validations) {
    if (condition === null) continue;
    const holds = expectCondition(condition, scope, { ...evaluation, functions });
    if (holds === false) {
      report(
        at.evaluation,
        at.span,
        "Invalid value for variable",
        `${message} (This is what the validation of variable ${JSON.stringify(name)} asks for.)`,
        [{ expression: `var.${name}`, value: describe(value) }],
      );
    }
  }
}
