import type { Budget } from "../evaluate/budget.ts";
import type { Parameter, ValueFunction } from "../evaluate/function.ts";
import { FunctionError } from "../evaluate/function.ts";
import type { ExactNumber } from "../values/number.ts";
import { isInteger, truncated } from "../values/number.ts";
import type { Type } from "../values/type.ts";
import { anyType, listOf, numberType, setOf, stringType } from "../values/type.ts";
import type { KnownValue, Value } from "../values/value.ts";

/** What a parameter takes, and what a function gets of it. */
interface Kinds {
  text: string;
  number: ExactNumber;
  /** A whole number that a double holds exactly. */
  integer: number;
  /** Anything but null. */
  value: KnownValue;
  nullable: Value;
  /** A list of texts, any of which may be null. */
  texts: readonly (string | null)[];
  list: Extract<Value, { kind: "list" }>;
  set: Extract<Value, { kind: "set" }>;
}

type Kind = keyof Kinds;

const typeOfKind: Readonly<Record<Kind, Type>> = {
  text: stringType,
  number: numberType,
  integer: numberType,
  value: anyType,
  nullable: anyType,
  texts: listOf(stringType),
  list: listOf(anyType),
  set: setOf(anyType),
};

type Arguments<Parameters extends Record<string, Kind>> = {
  [Name in keyof Parameters]: Kinds[Parameters[Name]];
};

/** A function with the named parameters. */
export function define<const Parameters extends Record<string, Kind>>(
  parameters: Parameters,
  call: (given: Arguments<Parameters>, budget: Budget) => Value,
): ValueFunction {
  const kinds = Object.entries(parameters);
  return {
    parameters: kinds.map(parameterOf),
    call: (values, budget) => call(named(kinds, values) as Arguments<Parameters>, budget),
  };
}

/** A function with the named parameters and any number of arguments behind them. */
export function defineRest<const Parameters extends Record<string, Kind>, const Rest extends Kind>(
  parameters: Parameters,
  [restName, restKind]: readonly [name: string, kind: Rest],
  call: (given: Arguments<Parameters>, rest: readonly Kinds[Rest][], budget: Budget) => Value,
): ValueFunction {
  const kinds = Object.entries(parameters);
  return {
    parameters: kinds.map(parameterOf),
    rest: parameterOf([restName, restKind]),
    call: (values, budget) => {
      const rest = values
        .slice(kinds.length)
        .map((value, index) => read(restKind, value, kinds.length + index));
      return call(named(kinds, values) as Arguments<Parameters>, rest as readonly Kinds[Rest][], budget);
    },
  };
}

function parameterOf([name, kind]: readonly [string, Kind]): Parameter {
  return { name, type: typeOfKind[kind], ...(kind === "nullable" && { allowsNull: true }) };
}

function named(
  kinds: readonly (readonly [string, Kind])[],
  values: readonly Value[],
): Record<string, unknown> {
  return Object.fromEntries(
    kinds.map(([name, kind], index) => [
      name,
      read(kind, values[index] ?? { kind: "null", type: anyType }, index),
    ]),
  );
}

/** The types of arguments are right already: only what a type does not say is checked here. */
function read(kind: Kind, value: Value, index: number): unknown {
  switch (kind) {
    case "text":
      return value.kind === "string" ? value.text : "";
    case "number":
      return value.kind === "number" ? value.number : undefined;
    case "integer":
      return integer(value, index);
    case "texts":
      return value.kind === "list"
        ? value.items.map((item) => (item.kind === "string" ? item.text : null))
        : [];
    case "value":
    case "nullable":
    case "list":
    case "set":
      return value;
  }
}

function integer(value: Value, index: number): number {
  const number =
    value.kind === "number" && isInteger(value.number) ? Number(truncated(value.number)) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw new FunctionError("a whole number is required", index);
  return number;
}
