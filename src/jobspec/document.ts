import type { Diagnostic } from "#model/diagnostic.ts";
import type { AnyBody } from "./body/body.ts";
import type { JsonNode } from "./syntax/json-parser.ts";
import { JsonError, parseJson } from "./syntax/json-parser.ts";
import { parseBody } from "./syntax/parser.ts";
import type { Source } from "./syntax/source.ts";
import { rangeOf } from "./syntax/source.ts";
import type { Dialect } from "./syntax/token-reader.ts";

/** In UTF-16 code units. */
const longestSource = 4_000_000;

/** Reads a file in either syntax: what begins with a brace is JSON. Null when nothing could be read of it. */
export function parseDocument(
  source: Source,
  diagnostics: Diagnostic[],
  dialect: Dialect = "second",
): AnyBody | null {
  if (source.text.length > longestSource) {
    diagnostics.push(
      problem(
        source,
        0,
        0,
        "File too large",
        `At most ${longestSource} characters are read, but there are ${source.text.length}.`,
      ),
    );
    return null;
  }
  if (isJson(source.text)) return parseJsonDocument(source, diagnostics);
  const { value, diagnostics: found } = parseBody(source, dialect);
  diagnostics.push(...found);
  return value;
}

export function isJson(text: string): boolean {
  return /^\uFEFF?\s*\{/.test(text);
}

function problem(source: Source, start: number, end: number, summary: string, detail: string): Diagnostic {
  return { severity: "error", summary, detail, range: rangeOf(source, { start, end }) };
}

function parseJsonDocument(source: Source, diagnostics: Diagnostic[]): AnyBody | null {
  try {
    return jsonBody(parseJson(source.text));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    diagnostics.push(problem(source, error.span.start, error.span.end, "Invalid JSON", error.message));
    return null;
  }
}

function jsonBody(node: JsonNode): AnyBody {
  const objects = node.kind === "object" ? [node] : [];
  return { form: "json", objects, start: node.start, end: node.end };
}
