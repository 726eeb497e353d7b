import type { BinaryOperator, Unary } from "../syntax/ast.ts";
import { ConversionError, convert } from "../values/convert.ts";
import type { ExactNumber } from "../values/number.ts";
import { add, compare, divide, multiply, negate, remainder, subtract } from "../values/number.ts";
import { boolType, numberType } from "../values/type.ts";
import type { Value } from "../values/value.ts";
import { boolValue, numberValue, sameValue, typeOf, unknown } from "../values/value.ts";

/** One side of an operator does not fit. */
export class OperandError extends Error {
  readonly side: "left" | "right" | "both";

  constructor(side: OperandError["side"], message: string) {
    super(message);
    this.side = side;
  }
}

const arithmetic: Partial<Record<BinaryOperator, (a: ExactNumber, b: ExactNumber) => ExactNumber>> = {
  "+": add,
  "-": subtract,
  "*": multiply,
  "/": divide,
  "%": remainder,
};

const comparison: Partial<Record<BinaryOperator, (order: number) => boolean>> = {
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

/** Equality never converts; the other operators do ("2" > 1). Throws an OperandError. */
export function applyBinary(operator: BinaryOperator, left: Value, right: Value): Value {
  if (operator === "==" || operator === "!=") {
    if (left.kind === "unknown" || right.kind === "unknown") return unknown;
    return boolValue(isEqual(left, right) === (operator === "=="));
  }
  const calculate = arithmetic[operator];
  const decide = comparison[operator];
  const type = calculate || decide ? numberType : boolType;
  const [a, b] = [operand("left", left, type), operand("right", right, type)];
  if (a.kind === "number" && b.kind === "number") {
    if (decide) return boolValue(decide(compare(a.number, b.number)));
    if (operator === "/" && b.number.mantissa === 0n) throw new OperandError("right", "division by zero");
    if (calculate) return bounded(calculate(a.number, b.number));
  }
  if (a.kind === "bool" && b.kind === "bool") {
    return boolValue(operator === "&&" ? a.truth && b.truth : a.truth || b.truth);
  }
  return unknown;
}

/** Repeated multiplication must not make numbers whose digits cannot be written out. */
function bounded(number: ExactNumber): Value {
  if (Math.abs(number.exponent) > 20_000)
    throw new OperandError("both", "the result is a number of absurd size");
  return numberValue(number);
}

function isEqual(left: Value, right: Value): boolean {
  if (left.kind === "null" || right.kind === "null") return left.kind === right.kind;
  return sameValue(left, right) && typeOf(left).kind === typeOf(right).kind;
}

export function applyUnary(operator: Unary["operator"], value: Value): Value {
  const converted = operand("right", value, operator === "!" ? boolType : numberType);
  if (converted.kind === "bool") return boolValue(!converted.truth);
  return converted.kind === "number" ? numberValue(negate(converted.number)) : unknown;
}

function operand(side: "left" | "right", value: Value, type: typeof numberType): Value {
  if (value.kind === "null") throw new OperandError(side, "argument must not be null");
  try {
    return convert(value, type);
  } catch (error) {
    if (error instanceof ConversionError) throw new OperandError(side, error.message);
    throw error;
  }
}
