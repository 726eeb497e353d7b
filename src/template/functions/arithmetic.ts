import type { TemplateFunctions } from "../execute.ts";
import type { Value } from "../value.ts";
import { number } from "./arguments.ts";

/** The number that is worked on comes last: `{{ 10 | subtract 3 }}` is 7. Whole numbers stay whole. */
export const arithmeticFunctions: TemplateFunctions = {
  add: (other, value) => number(value) + number(other),
  subtract: (other, value) => number(value) - number(other),
  multiply: (other, value) => number(value) * number(other),
  divide: (other, value) => {
    const [divisor, dividend] = [notZero(other), number(value)];
    const isWhole = Number.isInteger(divisor) && Number.isInteger(dividend);
    return isWhole ? Math.trunc(dividend / divisor) : dividend / divisor;
  },
  modulo: (other, value) => number(value) % notZero(other),
  minimum: (other, value) => Math.min(number(value), number(other)),
  maximum: (other, value) => Math.max(number(value), number(other)),
};

function notZero(value: Value): number {
  const divisor = number(value);
  if (divisor === 0) throw new Error("division by zero");
  return divisor;
}
