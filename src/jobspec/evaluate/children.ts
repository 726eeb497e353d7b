import type { Expression } from "../syntax/ast.ts";

/** The expressions that an expression is made of. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "literal":
    case "reference":
    case "splat item":
    case "invalid":
      return [];
    case "template":
      return expression.parts;
    case "interpolation":
    case "parentheses":
      return [expression.inner];
    case "join":
      return [expression.parts];
    case "traversal":
      return [expression.source];
    case "index":
      return [expression.collection, expression.key];
    case "splat":
      return [expression.source, expression.each];
    case "call":
      return expression.arguments;
    case "conditional":
      return [expression.condition, expression.whenTrue, expression.whenFalse];
    case "binary":
      return [expression.left, expression.right];
    case "unary":
      return [expression.operand];
    case "object":
      return expression.items.flatMap(({ key, value }) => [key, value]);
    case "tuple":
      return expression.items;
    case "for":
      return [expression.collection, expression.key, expression.value, expression.condition].filter(
        (part) => part !== null,
      );
  }
}
