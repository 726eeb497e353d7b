import type { Evaluation } from "../evaluate/scope.ts";
import type { Expression } from "../syntax/ast.ts";
import type { JsonNode, JsonString } from "../syntax/json-parser.ts";
import { parseTemplate } from "../syntax/parser.ts";
import type { Span } from "../syntax/source.ts";
import { boolValue, nullValue, numberValue, stringValue } from "../values/value.ts";

/** What a JSON value means as an expression: its texts, and the names in its objects, are templates. */
export function jsonExpression(node: JsonNode, evaluation: Evaluation): Expression {
  const span = { start: node.start, end: node.end };
  switch (node.kind) {
    case "object": {
      const items = node.members.map(({ name, value }) => ({
        key: textExpression(name, evaluation),
        value: jsonExpression(value, evaluation),
      }));
      return { kind: "object", items, ...span };
    }
    case "array":
      return { kind: "tuple", items: node.items.map((item) => jsonExpression(item, evaluation)), ...span };
    case "string":
      return textExpression(node, evaluation);
    case "number":
      return { kind: "literal", value: numberValue(node.number), ...span };
    case "constant":
      return { kind: "literal", value: node.value === null ? nullValue : boolValue(node.value), ...span };
  }
}

/** Where nothing can be referred to, texts are taken literally. */
function textExpression(node: JsonString, evaluation: Evaluation): Expression {
  if (evaluation.functions === null)
    return { kind: "literal", value: stringValue(node.text), start: node.start, end: node.end };
  const { value, diagnostics } = parseTemplate(evaluation.source, node.text, placeIn(node));
  evaluation.diagnostics.push(...diagnostics);
  return value;
}

/** Where a part of a text stands: exactly when it has no escapes, else the text as a whole. */
export function placeIn({ start, end, text }: JsonString): (span: Span) => Span {
  const isExact = end - start === text.length + 2;
  return (span) => (isExact ? { start: start + 1 + span.start, end: start + 1 + span.end } : { start, end });
}
