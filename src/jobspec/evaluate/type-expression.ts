import { suggestion } from "#model/spelling.ts";
import type { Expression } from "../syntax/ast.ts";
import type { Type } from "../values/type.ts";
import {
  anyType,
  boolType,
  listOf,
  mapOf,
  numberType,
  objectOf,
  setOf,
  stringType,
  tupleOf,
} from "../values/type.ts";
import type { Evaluation } from "./scope.ts";
import { report } from "./scope.ts";

/** Exact types name every part; constraints may leave parts open with `any`. */
export type Exactness = "exact" | "constraint";

const primitives: Readonly<Record<string, Type>> = { string: stringType, number: numberType, bool: boolType };

const constructors = ["list", "set", "map", "object", "tuple"];

/** Reads `list(string)` and the like; null when it is no type, which is then reported. */
export function readType(expression: Expression, evaluation: Evaluation, exactness: Exactness): Type | null {
  if (expression.kind === "reference" && expression.steps.length === 0) {
    return namedType(expression.root, expression, evaluation, exactness);
  }
  if (expression.kind !== "call") {
    return invalid(
      expression,
      evaluation,
      "A type specification is either a primitive type keyword (bool, number, string) or a complex type constructor call, like list(string).",
    );
  }
  const [argument, ...others] = expression.arguments;
  if (!constructors.includes(expression.name)) {
    const hint = suggestion(expression.name, constructors);
    const optional =
      expression.name === "optional" ? " Optional attributes are not possible in a job file." : hint;
    return invalid(
      expression,
      evaluation,
      `The keyword ${JSON.stringify(expression.name)} is not a valid type constructor.${optional}`,
    );
  }
  if (argument === undefined || others.length > 0)
    return missingArgument(expression.name, expression, evaluation);
  switch (expression.name) {
    case "object":
      return objectType(argument, evaluation, exactness);
    case "tuple":
      return tupleType(argument, evaluation, exactness);
    default:
      return collectionType(expression.name, argument, evaluation, exactness);
  }
}

function invalid(at: Expression, evaluation: Evaluation, detail: string): null {
  report(evaluation, at, "Invalid type specification", detail);
  return null;
}

function namedType(name: string, at: Expression, evaluation: Evaluation, exactness: Exactness): Type | null {
  const primitive = Object.hasOwn(primitives, name) ? primitives[name] : undefined;
  if (primitive !== undefined) return primitive;
  if (name === "any") {
    return exactness === "constraint"
      ? anyType
      : invalid(
          at,
          evaluation,
          'The keyword "any" cannot be used in this type specification: an exact type is required.',
        );
  }
  if (constructors.includes(name)) return missingArgument(name, at, evaluation);
  const hint = suggestion(name, [...Object.keys(primitives), ...constructors]);
  return invalid(
    at,
    evaluation,
    `The keyword ${JSON.stringify(name)} is not a valid type specification.${hint}`,
  );
}

const argumentOf: Readonly<Record<string, string>> = {
  object: "the attribute types and values as a map, as in object({ name = string })",
  tuple: "the element types as a list, as in tuple([string, number])",
};

function missingArgument(name: string, at: Expression, evaluation: Evaluation): null {
  const wanted = argumentOf[name] ?? `the element type, as in ${name}(string)`;
  return invalid(at, evaluation, `The ${name} type constructor requires one argument specifying ${wanted}.`);
}

function collectionType(
  name: string,
  argument: Expression,
  evaluation: Evaluation,
  exactness: Exactness,
): Type | null {
  const element = readType(argument, evaluation, exactness);
  if (element === null) return null;
  return name === "list" ? listOf(element) : name === "set" ? setOf(element) : mapOf(element);
}

function objectType(argument: Expression, evaluation: Evaluation, exactness: Exactness): Type | null {
  if (argument.kind !== "object") return missingArgument("object", argument, evaluation);
  const attributes = new Map<string, Type>();
  for (const { key, value } of argument.items) {
    const name = key.kind === "literal" && key.value.kind === "string" ? key.value.text : null;
    if (name === null)
      return invalid(key, evaluation, "Object constructor map keys must be attribute names.");
    if (attributes.has(name)) return invalid(key, evaluation, "Object constructor map keys must be unique.");
    const type = readType(value, evaluation, exactness);
    if (type === null) return null;
    attributes.set(name, type);
  }
  return objectOf(attributes);
}

function tupleType(argument: Expression, evaluation: Evaluation, exactness: Exactness): Type | null {
  if (argument.kind !== "tuple") return missingArgument("tuple", argument, evaluation);
  const elements = argument.items.map((item) => readType(item, evaluation, exactness));
  const known = elements.filter((element) => element !== null);
  return known.length < elements.length ? null : tupleOf(known);
}
