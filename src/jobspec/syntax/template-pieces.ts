import { stringValue } from "../values/value.ts";
import type { Expression, For } from "./ast.ts";
import type { Span } from "./source.ts";
import { between } from "./source.ts";
import { SyntaxProblem } from "./token-reader.ts";

/** A piece of a template before its directives are paired. */
export type Piece = Span &
  (
    | { readonly kind: "text"; text: string }
    | { readonly kind: "value"; readonly value: Expression }
    | { readonly kind: "if"; readonly condition: Expression }
    | {
        readonly kind: "for";
        readonly keyName: string | null;
        readonly valueName: string;
        readonly collection: Expression;
      }
    | { readonly kind: "else" | "endif" | "endfor" }
  );

/** Pairs the directives of a template and makes an expression of it. */
export function assemble(pieces: readonly Piece[], span: Span): Expression {
  const [only, ...others] = pieces;
  if (only?.kind === "value" && others.length === 0)
    return { kind: "interpolation", inner: only.value, ...span };
  const cursor = { pieces: melded(pieces), at: 0 };
  const parts = partsUntil(cursor, []);
  const stray = cursor.pieces[cursor.at];
  if (stray !== undefined) {
    throw new SyntaxProblem(
      stray,
      `Unexpected ${stray.kind} directive`,
      "The control directives within this template are unbalanced.",
    );
  }
  const [text, ...more] = parts;
  if (parts.length === 0) return { kind: "literal", value: stringValue(""), ...span };
  return text?.kind === "literal" && more.length === 0
    ? { ...text, ...span }
    : { kind: "template", parts, ...span };
}

/** Text that was cut at the ends of lines makes one text again. */
function melded(pieces: readonly Piece[]): Piece[] {
  const result: Piece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (piece.kind === "text" && last?.kind === "text") {
      result[result.length - 1] = { kind: "text", text: last.text + piece.text, ...between(last, piece) };
    } else {
      result.push(piece);
    }
  }
  return result;
}

interface Cursor {
  readonly pieces: readonly Piece[];
  at: number;
}

/** The parts up to a directive of one of the kinds, which stays to be taken, or to what does not belong. */
function partsUntil(cursor: Cursor, ends: readonly Piece["kind"][]): Expression[] {
  const parts: Expression[] = [];
  for (let piece = cursor.pieces[cursor.at]; piece !== undefined; piece = cursor.pieces[cursor.at]) {
    if (ends.includes(piece.kind)) return parts;
    switch (piece.kind) {
      case "text":
        parts.push({ kind: "literal", value: stringValue(piece.text), start: piece.start, end: piece.end });
        break;
      case "value":
        parts.push(piece.value);
        break;
      case "if":
        parts.push(conditional(cursor, piece));
        break;
      case "for":
        parts.push(join(cursor, piece));
        break;
      case "else":
      case "endif":
      case "endfor":
        return parts;
    }
    cursor.at++;
  }
  return parts;
}

function template(parts: readonly Expression[], span: Span): Expression {
  return { kind: "template", parts, ...span };
}

function endOf(cursor: Cursor, opened: Piece, end: Piece["kind"]): Piece {
  const piece = cursor.pieces[cursor.at];
  if (piece?.kind === end) return piece;
  throw new SyntaxProblem(
    piece ?? opened,
    piece === undefined ? "Unexpected end of template" : `Unexpected ${piece.kind} directive`,
    `The ${opened.kind} directive is missing its corresponding ${end} directive.`,
  );
}

function conditional(cursor: Cursor, opened: Piece & { kind: "if" }): Expression {
  cursor.at++;
  const whenTrue = partsUntil(cursor, ["else", "endif"]);
  const hasElse = cursor.pieces[cursor.at]?.kind === "else";
  if (hasElse) cursor.at++;
  const whenFalse = hasElse ? partsUntil(cursor, ["endif"]) : [];
  const span = between(opened, endOf(cursor, opened, "endif"));
  const { condition } = opened;
  return {
    kind: "conditional",
    condition,
    whenTrue: template(whenTrue, span),
    whenFalse: template(whenFalse, span),
    ...span,
  };
}

function join(cursor: Cursor, opened: Piece & { kind: "for" }): Expression {
  cursor.at++;
  const content = partsUntil(cursor, ["endfor"]);
  const span = between(opened, endOf(cursor, opened, "endfor"));
  const { keyName, valueName, collection } = opened;
  const value = template(content, span);
  const parts: For = {
    kind: "for",
    keyName,
    valueName,
    collection,
    key: null,
    value,
    condition: null,
    grouped: false,
    ...span,
  };
  return { kind: "join", parts, ...span };
}
