import type { ExpressionValue } from "#model/diagnostic.ts";
import type { Expression } from "../syntax/ast.ts";
import { toText } from "../values/number.ts";
import type { Value } from "../values/value.ts";
import { childrenOf } from "./children.ts";
import type { Scope } from "./scope.ts";
import { lookUp } from "./scope.ts";

const longestText = 80;

/** A value as a message shows it: short, and never the whole of a large one. */
export function describe(value: Value): string {
  switch (value.kind) {
    case "null":
      return "null";
    case "unknown":
      return "not known";
    case "string":
      return JSON.stringify(
        value.text.length > longestText ? `${value.text.slice(0, longestText)}…` : value.text,
      );
    case "number":
      return shortened(toText(value.number));
    case "bool":
      return String(value.truth);
    case "list":
    case "set":
    case "tuple":
      return described(value.kind, value.items.length, "item");
    case "map":
    case "object":
      return described(value.kind, value.entries.size, "entry");
  }
}

function shortened(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}

function described(kind: string, count: number, one: "item" | "entry"): string {
  const many = one === "item" ? "items" : "entries";
  return `${kind} with ${count} ${count === 1 ? one : many}`;
}

const mostShown = 6;

/** The values of the names that an expression uses, for a message about it. */
export function valuesIn(expression: Expression, scope: Scope): ExpressionValue[] {
  const found = new Map<string, string>();
  const visit = (node: Expression): void => {
    if (node.kind === "reference") note(found, node, scope);
    for (const child of childrenOf(node)) visit(child);
  };
  visit(expression);
  return [...found].slice(0, mostShown).map(([name, value]) => ({ expression: name, value }));
}

function note(found: Map<string, string>, node: Expression & { kind: "reference" }, scope: Scope): void {
  let value = lookUp(scope, node.root);
  let name = node.root;
  for (const step of node.steps) {
    const key = step.kind === "attribute" ? step.name : step.key.kind === "string" ? step.key.text : null;
    const next =
      key !== null && (value?.kind === "object" || value?.kind === "map")
        ? value.entries.get(key)
        : undefined;
    if (next === undefined) break;
    [value, name] = [next, `${name}.${key}`];
  }
  if (value !== undefined) found.set(name, describe(value));
}
