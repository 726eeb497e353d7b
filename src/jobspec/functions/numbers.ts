import { FunctionError } from "../evaluate/function.ts";
import type { ExactNumber } from "../values/number.ts";
import { compare, fromDouble, isInteger, negate, toDouble, truncated } from "../values/number.ts";
import type { Value } from "../values/value.ts";
import { integerValue, numberValue } from "../values/value.ts";
import { define, defineRest } from "./define.ts";

export const numberFunctions = {
  abs: define({ num: "number" }, ({ num }) => numberValue(num.mantissa < 0n ? negate(num) : num)),
  ceil: define({ num: "number" }, ({ num }) => rounded(num, 1n)),
  floor: define({ num: "number" }, ({ num }) => rounded(num, -1n)),
  log: define({ num: "number", base: "number" }, ({ num, base }) =>
    ofDouble(Math.log(toDouble(num)) / Math.log(toDouble(base))),
  ),
  max: defineRest({}, ["numbers", "number"], (_, numbers) => extreme(numbers, 1)),
  min: defineRest({}, ["numbers", "number"], (_, numbers) => extreme(numbers, -1)),
  parseint: define({ number: "value", base: "integer" }, ({ number, base }) => {
    if (number.kind !== "string")
      throw new FunctionError(`first argument must be a string, not ${number.kind}`, 0);
    if (base < 2 || base > 62)
      throw new FunctionError("base must be a whole number between 2 and 62 inclusive", 1);
    return integerValue(parseInteger(number.text, base));
  }),
  pow: define({ num: "number", power: "number" }, ({ num, power }) =>
    ofDouble(toDouble(num) ** toDouble(power)),
  ),
  signum: define({ num: "integer" }, ({ num }) => integerValue(Math.sign(num))),
};

/** Towards the direction in which `step` points. */
function rounded(num: ExactNumber, step: 1n | -1n): Value {
  const whole = truncated(num);
  const isBeyond = !isInteger(num) && num.mantissa > 0n === step > 0n;
  return integerValue(isBeyond ? whole + step : whole);
}

function ofDouble(result: number): Value {
  const number = fromDouble(result);
  if (number === null) throw new FunctionError("the result is not a finite number");
  return numberValue(number);
}

function extreme(numbers: readonly ExactNumber[], direction: 1 | -1): Value {
  const [first, ...others] = numbers;
  if (first === undefined) throw new FunctionError("must pass at least one number");
  return numberValue(
    others.reduce((best, number) => (compare(number, best) * direction > 0 ? number : best), first),
  );
}

const digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const longestInteger = 2_000;

/** Up to base 36 the case of a letter does not matter. */
function parseInteger(text: string, base: number): bigint {
  const unsigned = text.replace(/^[+-]/, "");
  let value = 0n;
  for (const character of base <= 36 ? unsigned.toLowerCase() : unsigned) {
    const digit = digits.indexOf(character);
    if (digit < 0 || digit >= base) throw notAnInteger(text, base);
    value = value * BigInt(base) + BigInt(digit);
  }
  if (unsigned === "" || unsigned.length > longestInteger) throw notAnInteger(text, base);
  return text.startsWith("-") ? -value : value;
}

function notAnInteger(text: string, base: number): FunctionError {
  return new FunctionError(`cannot parse ${JSON.stringify(text.slice(0, 80))} as a base ${base} integer`, 0);
}
