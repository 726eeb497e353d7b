import { FunctionError } from "../evaluate/function.ts";
import type { ExactNumber } from "../values/number.ts";
import { add, compare, fromInteger, zero } from "../values/number.ts";
import { numberType } from "../values/type.ts";
import type { Value } from "../values/value.ts";
import { listValue, numberValue } from "../values/value.ts";
import { defineRest } from "./define.ts";

const mostValues = 1024;

export const rangeFunctions = {
  range: defineRest({}, ["params", "number"], (_, params) => range(params)),
};

/** range(end), range(start, end), range(start, end, step); the end is not reached. */
function range(params: readonly ExactNumber[]): Value {
  const [first, second, third] = params;
  if (first === undefined || params.length > 3)
    throw new FunctionError("must have one, two, or three arguments");
  const [start, end] = second === undefined ? [zero, first] : [first, second];
  const step = third ?? fromInteger(compare(end, start) < 0 ? -1 : 1);
  const direction = compare(step, zero);
  if (direction === 0) throw new FunctionError("step must not be zero", 2);
  if (compare(end, start) * direction < 0) {
    throw new FunctionError(
      direction < 0
        ? "end must be less than start when step is negative"
        : "end must be greater than start when step is positive",
      1,
    );
  }
  const values: Value[] = [];
  for (let next = start; compare(next, end) * direction < 0; next = add(next, step)) {
    if (values.length >= mostValues) {
      throw new FunctionError(
        `more than ${mostValues} values were generated; either decrease the difference between start and end or use a smaller step`,
      );
    }
    values.push(numberValue(next));
  }
  return listValue(numberType, values);
}
