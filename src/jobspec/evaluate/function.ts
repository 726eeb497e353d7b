import type { Type } from "../values/type.ts";
import type { Value } from "../values/value.ts";
import type { Budget } from "./budget.ts";

/** A function of the language that takes values. */
export interface ValueFunction {
  readonly parameters: readonly Parameter[];
  /** Takes all further arguments. */
  readonly rest?: Parameter;
  readonly call: (values: readonly Value[], budget: Budget) => Value;
}

/** A function that decides itself which of its arguments to evaluate, and how. */
export interface ExpressionFunction {
  readonly special: "try" | "can" | "convert";
}

export type FunctionDefinition = ValueFunction | ExpressionFunction;

export interface Parameter {
  readonly name: string;
  readonly type: Type;
  readonly allowsNull?: true;
}

export type FunctionTable = ReadonlyMap<string, FunctionDefinition>;

/** A function cannot do what it is asked to; the message goes on from "failed: ". */
export class FunctionError extends Error {
  /** The argument at fault, from 0, or null. */
  readonly argument: number | null;

  constructor(message: string, argument: number | null = null) {
    super(message);
    this.argument = argument;
  }
}
