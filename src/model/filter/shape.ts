import { suggestion } from "../spelling.ts";
import { type Comparison, type Filter, FilterError, type Quantifier, type Selector } from "./filter.ts";
import { truth } from "./matches.ts";

/** What rows look like, as far as filters may ask. */
export type Shape =
  | "text"
  | "number"
  | "boolean"
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> };

type Names = Readonly<Record<string, Shape>>;

/** Throws a FilterError where a filter asks for what rows of this shape do not have. */
export function checkFilter(filter: Filter, row: Shape, names: Names = {}): void {
  switch (filter.kind) {
    case "and":
    case "or":
      checkFilter(filter.left, row, names);
      checkFilter(filter.right, row, names);
      return;
    case "not":
      checkFilter(filter.inner, row, names);
      return;
    case "comparison":
      checkComparison(filter, shapeAt(filter.selector, row, names));
      return;
    case "any":
    case "all":
      checkFilter(filter.inner, row, { ...names, ...namesOf(filter, shapeAt(filter.selector, row, names)) });
  }
}

function shapeAt(selector: Selector, row: Shape, names: Names): Shape {
  const [first = "", ...path] = selector;
  const start = Object.hasOwn(names, first) ? names[first] : memberOf(row, first, selector);
  return path.reduce<Shape>((shape, name) => memberOf(shape, name, selector), start ?? row);
}

function memberOf(shape: Shape, name: string, selector: Selector): Shape {
  if (typeof shape === "object" && "map" in shape) return shape.map;
  const fields = typeof shape === "object" && "fields" in shape ? shape.fields : {};
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field !== undefined) return field;
  const hint =
    typeof shape === "object" && "list" in shape
      ? ` To ask about the items of a list, write any ${selector.slice(0, -1).join(".")} as item { … }.`
      : suggestion(name, Object.keys(fields));
  throw new FilterError(`Selector "${selector.join(".")}" is not valid: there is no "${name}".${hint}`);
}

function checkComparison({ selector, test }: Comparison, shape: Shape): void {
  const name = selector.join(".");
  const fits = {
    equals: typeof shape === "string",
    contains: shape === "text" || (typeof shape === "object" && !("fields" in shape)),
    matches: shape === "text",
    "is empty": shape === "text" || typeof shape === "object",
  }[test.operator];
  if (!fits) throw new FilterError(`"${test.operator}" cannot be asked of ${name}`);
  if (test.operator !== "equals") return;
  if (shape === "number" && (test.value.trim() === "" || Number.isNaN(Number(test.value))))
    throw new FilterError(`${name} is a number, and "${test.value}" is none`);
  if (shape === "boolean" && truth(test.value) === null)
    throw new FilterError(`${name} is true or false, and "${test.value}" is neither`);
}

function namesOf({ kind, selector, names: [first, second] }: Quantifier, shape: Shape): Names {
  if (typeof shape === "string" || "fields" in shape)
    throw new FilterError(`"${kind}" needs a list or a map, and ${selector.join(".")} is neither`);
  const isMap = "map" in shape;
  const item = isMap ? shape.map : shape.list;
  if (second === null) return { [first]: isMap ? "text" : item };
  return { [first]: isMap ? "text" : "number", [second]: item };
}
