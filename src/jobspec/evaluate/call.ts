import { suggestion } from "#model/spelling.ts";
import type { Call, Expression } from "../syntax/ast.ts";
import type { Span } from "../syntax/source.ts";
import { ConversionError, convert } from "../values/convert.ts";
import type { Type } from "../values/type.ts";
import type { Value } from "../values/value.ts";
import { boolValue, hasUnknown, unknown } from "../values/value.ts";
import { describe } from "./describe.ts";
import type { ExpressionFunction, Parameter, ValueFunction } from "./function.ts";
import { FunctionError } from "./function.ts";
import type { Evaluation, Scope } from "./scope.ts";
import { report } from "./scope.ts";
import { readType } from "./type-expression.ts";

export function callFunction(call: Call, scope: Scope, evaluation: Evaluation): Value {
  const { functions } = evaluation;
  if (functions === null) {
    report(evaluation, call.nameSpan, "Function calls not allowed", "Functions may not be called here.");
    return unknown;
  }
  const definition = functions.get(call.name);
  if (definition === undefined) {
    const hint = suggestion(call.name, functions.keys());
    report(
      evaluation,
      call.nameSpan,
      "Call to unknown function",
      `There is no function named ${JSON.stringify(call.name)}.${hint}`,
    );
    return unknown;
  }
  return "special" in definition
    ? callSpecial(definition, call, scope, evaluation)
    : callWithValues(definition, call, scope, evaluation);
}

interface Argument {
  readonly value: Value;
  readonly span: Span;
}

function callWithValues(definition: ValueFunction, call: Call, scope: Scope, evaluation: Evaluation): Value {
  const given = argumentsOf(call, scope, evaluation);
  if (given === null || !hasRightCount(definition, call, given.length, evaluation)) return unknown;
  const values: Value[] = [];
  for (const [index, argument] of given.entries()) {
    const parameter = definition.parameters[index] ?? definition.rest;
    const value = parameter === undefined ? null : fitted(parameter, argument, call, evaluation);
    if (value === null) return unknown;
    values.push(value);
  }
  if (values.some(hasUnknown)) return unknown;
  return called(definition, call, given, values, evaluation);
}

function called(
  definition: ValueFunction,
  call: Call,
  given: readonly Argument[],
  values: readonly Value[],
  evaluation: Evaluation,
): Value {
  try {
    const result = definition.call(values, evaluation.budget);
    charge(result, evaluation);
    return result;
  } catch (error) {
    if (!(error instanceof FunctionError || error instanceof ConversionError)) throw error;
    const argument = error instanceof FunctionError ? error.argument : null;
    const shown = values.map((value, index) => ({
      expression: parameterName(definition, index),
      value: describe(value),
    }));
    if (argument === null) {
      report(
        evaluation,
        call,
        "Error in function call",
        `Call to function ${JSON.stringify(call.name)} failed: ${error.message}.`,
        shown,
      );
    } else {
      const name = JSON.stringify(parameterName(definition, argument));
      report(
        evaluation,
        given[argument]?.span ?? call,
        "Invalid function argument",
        `Invalid value for ${name} parameter: ${error.message}.`,
        shown,
      );
    }
    return unknown;
  }
}

/** Lets results count towards what a text may make. */
function charge(result: Value, { budget }: Evaluation): void {
  if (result.kind === "string") budget.spendText(result.text.length);
  else if ("items" in result) budget.spend(result.items.length);
  else if ("entries" in result) budget.spend(result.entries.size);
}

function parameterName({ parameters, rest }: ValueFunction, index: number): string {
  return (parameters[index] ?? rest)?.name ?? `argument ${index + 1}`;
}

/** Null when the last argument should be expanded and cannot be, which is then reported. */
function argumentsOf(call: Call, scope: Scope, evaluation: Evaluation): Argument[] | null {
  const given = call.arguments.map((argument) => ({
    value: evaluation.evaluate(argument, scope, evaluation),
    span: argument,
  }));
  const last = given.at(-1);
  if (!call.expandsLast || last === undefined) return given;
  const { value, span } = last;
  if (value.kind === "list" || value.kind === "set" || value.kind === "tuple") {
    return [...given.slice(0, -1), ...value.items.map((item) => ({ value: item, span }))];
  }
  if (value.kind !== "unknown") {
    report(
      evaluation,
      span,
      "Invalid expanding argument value",
      "The expanding argument (indicated by ...) must be of a tuple, list, or set type.",
    );
  }
  return null;
}

function hasRightCount(
  { parameters, rest }: ValueFunction,
  call: Call,
  count: number,
  evaluation: Evaluation,
): boolean {
  const least = parameters.length;
  if (count >= least && (rest !== undefined || count === least)) return true;
  const wanted = `${rest === undefined ? "" : "at least "}${least} argument${least === 1 ? "" : "s"}`;
  const names = parameters.map(({ name }) => name).join(", ");
  const detail = `Function ${JSON.stringify(call.name)} expects ${wanted}${names === "" ? "" : ` (${names})`}, but ${count} ${count === 1 ? "is" : "are"} given.`;
  report(
    evaluation,
    call,
    count < least ? "Not enough function arguments" : "Too many function arguments",
    detail,
  );
  return false;
}

/** The argument as the parameter wants it; null when it does not fit, which is then reported. */
function fitted(
  parameter: Parameter,
  { value, span }: Argument,
  call: Call,
  evaluation: Evaluation,
): Value | null {
  if (value.kind === "unknown") return value;
  try {
    if (value.kind === "null" && parameter.allowsNull === undefined)
      throw new ConversionError("argument must not be null");
    return convert(value, parameter.type);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    const detail = `Invalid value for ${JSON.stringify(parameter.name)} parameter of ${call.name}: ${error.message}.`;
    report(evaluation, span, "Invalid function argument", detail, [
      { expression: parameter.name, value: describe(value) },
    ]);
    return null;
  }
}

function callSpecial(
  { special }: ExpressionFunction,
  call: Call,
  scope: Scope,
  evaluation: Evaluation,
): Value {
  switch (special) {
    case "try":
      return firstThatWorks(call, scope, evaluation);
    case "can":
      return canEvaluate(call, scope, evaluation);
    case "convert":
      return convertTo(call, scope, evaluation);
  }
}

function attempted(expression: Expression, scope: Scope, evaluation: Evaluation) {
  const diagnostics: Evaluation["diagnostics"] = [];
  return { value: evaluation.evaluate(expression, scope, { ...evaluation, diagnostics }), diagnostics };
}

function firstThatWorks(call: Call, scope: Scope, evaluation: Evaluation): Value {
  const failures: string[] = [];
  for (const argument of call.arguments) {
    const { value, diagnostics } = attempted(argument, scope, evaluation);
    if (diagnostics.length === 0) return value;
    failures.push(...diagnostics.map(({ summary }) => summary));
  }
  const [summary, detail] =
    failures.length === 0
      ? ["Not enough function arguments", 'Function "try" expects at least one argument.']
      : [
          "Error in function call",
          `Call to function "try" failed: no expression succeeded (${failures.join("; ")}).`,
        ];
  report(evaluation, call, summary, detail);
  return unknown;
}

function canEvaluate(call: Call, scope: Scope, evaluation: Evaluation): Value {
  const [only, ...others] = call.arguments;
  if (only === undefined || others.length > 0) {
    report(evaluation, call, "Wrong number of arguments", 'Function "can" expects one argument.');
    return unknown;
  }
  return boolValue(attempted(only, scope, evaluation).diagnostics.length === 0);
}

function convertTo(call: Call, scope: Scope, evaluation: Evaluation): Value {
  const [expression, wanted, ...others] = call.arguments;
  if (expression === undefined || wanted === undefined || others.length > 0) {
    report(
      evaluation,
      call,
      "Wrong number of arguments",
      'Function "convert" expects two arguments: a value and a type.',
    );
    return unknown;
  }
  const type: Type | null = readType(wanted, evaluation, "constraint");
  const value = evaluation.evaluate(expression, scope, evaluation);
  if (type === null) return unknown;
  try {
    return convert(value, type);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    report(
      evaluation,
      expression,
      "Invalid function argument",
      `Cannot convert this value: ${error.message}.`,
      [{ expression: "value", value: describe(value) }],
    );
    return unknown;
  }
}
