import { type Diagnostic, errorAt, type Path, type SourceRange } from "#model/diagnostic.ts";
import { JsonError, type JsonNode, parseJson } from "./syntax/json-parser.ts";
import { rangeOf } from "./syntax/source.ts";

/** What a text of JSON holds and where, or why it is none. */
export type JsonText =
  | {
      readonly kind: "read";
      readonly value: unknown;
      /** The place of the deepest part of a path that the text has. */
      readonly placeOf: (path: Path) => SourceRange;
    }
  | { readonly kind: "broken"; readonly problem: Diagnostic };

/** Reads JSON that goes to a schema as it is, such as a job in the API's form. */
export function readJsonText(filename: string, text: string): JsonText {
  const source = { filename, text };
  try {
    const root = parseJson(text);
    return {
      kind: "read",
      value: JSON.parse(text.replace(/^\uFEFF/, "")),
      placeOf: (path) => rangeOf(source, nodeAt(root, path)),
    };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const problem = { ...errorAt([], "Invalid JSON", error.message), range: rangeOf(source, error.span) };
    return { kind: "broken", problem };
  }
}

function nodeAt(root: JsonNode, path: Path): JsonNode {
  let node = root;
  for (const key of path) {
    const inner = innerOf(node, key);
    if (inner === undefined) break;
    node = inner;
  }
  return node;
}

function innerOf(node: JsonNode, key: string | number): JsonNode | undefined {
  if (node.kind === "array") return typeof key === "number" ? node.items[key] : undefined;
  if (node.kind !== "object") return undefined;
  return node.members.findLast(({ name }) => name.text === key)?.value;
}
