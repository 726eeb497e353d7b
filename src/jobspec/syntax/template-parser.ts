import { suggestion } from "#model/spelling.ts";
import { leadingSpaceOf, withoutLeadingSpace, withoutTrailingSpace } from "../values/text.ts";
import type { Expression } from "./ast.ts";
import { forNames } from "./constructor-parser.ts";
import { unescapedQuoted, unescapedTemplate } from "./escapes.ts";
import type { Span } from "./source.ts";
import { between } from "./source.ts";
import type { Piece } from "./template-pieces.ts";
import { assemble } from "./template-pieces.ts";
import type { Token, TokenKind } from "./token.ts";
import type { TokenReader } from "./token-reader.ts";
import { SyntaxProblem } from "./token-reader.ts";

/** Reads a quoted template or a heredoc. */
export function parseTemplateAt(reader: TokenReader): Expression {
  const open = reader.next();
  const isHeredoc = open.kind === "open heredoc";
  const pieces = readPieces(reader, open, isHeredoc ? "close heredoc" : "close quote");
  if (isHeredoc && reader.text(open).startsWith("<<-")) unindent(pieces);
  return assemble(pieces, reader.placed(between(open, reader.next())));
}

/** Reads what is a template as a whole: all that the reader has. */
export function parseBareTemplate(reader: TokenReader, whole: Span): Expression {
  return assemble(readPieces(reader, { kind: "end", start: 0, end: 0 }, "end"), whole);
}

/** The text of a template without `${ }` and `%{ }`; null when it has some. */
export function templateText(expression: Expression): string | null {
  if (expression.kind === "literal") return expression.value.kind === "string" ? expression.value.text : null;
  if (expression.kind !== "template") return null;
  let text = "";
  for (const part of expression.parts) {
    const piece = templateText(part);
    if (piece === null) return null;
    text += piece;
  }
  return text;
}

/** `~` takes the space away between it and the nearest other thing; in a heredoc, not beyond the line. */
function readPieces(reader: TokenReader, open: Token, closing: TokenKind): Piece[] {
  const pieces: Piece[] = [];
  let trimNext = false;
  for (let token = reader.peek(); token.kind !== closing; token = reader.peek()) {
    if (token.kind === "open interpolation" || token.kind === "open directive") {
      const last = pieces.at(-1);
      if (reader.text(token).endsWith("~") && last?.kind === "text")
        last.text = withoutTrailingSpace(last.text);
      reader.next();
      pieces.push(
        token.kind === "open interpolation" ? interpolation(reader, token) : directive(reader, token),
      );
      trimNext = closeSequence(reader, token);
    } else {
      pieces.push(textPiece(reader, open, trimNext));
      trimNext = false;
    }
  }
  return pieces;
}

function textPiece(reader: TokenReader, open: Token, trim: boolean): Piece {
  const token = reader.peek();
  if (token.kind !== "quoted text" && token.kind !== "template text") throw unterminated(reader, open);
  reader.next();
  const raw = reader.text(token);
  const text = token.kind === "quoted text" ? unescapedQuoted(raw) : unescapedTemplate(raw);
  if (typeof text !== "string") {
    const start = token.start + text.offset;
    const detail = `${text.text} is not an escape: there are \\n, \\r, \\t, \\", \\\\, \\uNNNN and \\UNNNNNNNN.`;
    throw new SyntaxProblem({ start, end: start + text.text.length }, "Invalid escape sequence", detail);
  }
  return { kind: "text", text: trim ? withoutLeadingSpace(text) : text, ...reader.placed(token) };
}

function unterminated(reader: TokenReader, open: Token): SyntaxProblem {
  const token = reader.peek();
  if (token.kind === "quoted newline") {
    return new SyntaxProblem(
      open,
      "Invalid multi-line string",
      "Text in quotes ends on the line on which it begins. Write \\n for a line break, or a heredoc (<<EOT) for text of several lines.",
    );
  }
  if (token.kind === "invalid") return reader.invalid(token);
  const marker = reader.text(open).replace(/^<<-?/, "").trim();
  const missing =
    open.kind === "open heredoc" ? `a line that holds ${marker} and nothing else` : "a closing quote";
  return new SyntaxProblem(
    open,
    "Unterminated template string",
    `No closing marker was found for the string: ${missing} is missing.`,
  );
}

/** Takes the end of a sequence; true when it trims what follows. */
function closeSequence(reader: TokenReader, open: Token): boolean {
  const close = reader.withoutNewlines(() => reader.peek());
  if (close.kind !== "close template") throw unclosed(close, open);
  reader.next();
  return reader.text(close).startsWith("~");
}

function unclosed(close: Token, open: Token): SyntaxProblem {
  const ends: readonly TokenKind[] = ["end", "close quote", "open quote", "quoted text"];
  if (ends.includes(close.kind)) {
    return new SyntaxProblem(
      open,
      "Unclosed template interpolation sequence",
      "There is no closing brace for this sequence before the end of the template.",
    );
  }
  const what = open.kind === "open directive" ? "directive" : "interpolation expression";
  return new SyntaxProblem(
    close,
    `Extra characters after ${what}`,
    "Expected a closing brace to end the sequence. Text that another program should interpolate is escaped: write $${ in place of ${.",
  );
}

function interpolation(reader: TokenReader, open: Token): Piece {
  const inner = reader.withoutNewlines(() => reader.expression());
  const close = reader.withoutNewlines(() => reader.peek());
  const span = reader.placed(between(open, close));
  // What stays as text stays exactly as it was written, its spaces with it.
  const whole =
    inner.kind === "reference" && close.kind === "close template" ? reader.text(between(open, close)) : "";
  const value =
    inner.kind === "reference" && /^\$\{[^~].*[^~]\}$/s.test(whole) ? { ...inner, text: whole } : inner;
  return { kind: "value", value, ...span };
}

const directives = ["if", "else", "endif", "for", "endfor"];

function directive(reader: TokenReader, open: Token): Piece {
  return reader.withoutNewlines((): Piece => {
    const word = reader.take("identifier");
    if (word === null) {
      throw new SyntaxProblem(
        reader.peek(),
        "Invalid template directive",
        "A template directive keyword (if, for, …) is expected at the beginning of a %{ sequence. For the characters themselves write %%{.",
      );
    }
    const name = reader.text(word);
    const span = () => reader.placed(between(open, reader.peek()));
    switch (name) {
      case "if":
        return { kind: "if", condition: reader.expression(), ...span() };
      case "for": {
        const names = forNames(reader);
        return { kind: "for", ...names, collection: reader.expression(), ...span() };
      }
      case "else":
      case "endif":
      case "endfor":
        return { kind: name, ...span() };
      default: {
        const detail = `${JSON.stringify(name)} is not a valid template control keyword.${suggestion(name, directives)}`;
        throw new SyntaxProblem(word, "Invalid template control keyword", detail);
      }
    }
  });
}

/** `<<-` takes the smallest indentation of a line away from all; lines of nothing but space do not count. */
function unindent(pieces: readonly Piece[]): void {
  const lineStarts: (Piece & { kind: "text" })[] = [];
  let smallest = Number.POSITIVE_INFINITY;
  let atLineStart = true;
  for (const piece of pieces) {
    const text = piece.kind === "text" ? piece.text : "";
    const spaces = leadingSpaceOf(text);
    const isBlankLine = spaces === text && text.endsWith("\n");
    if (atLineStart && !isBlankLine) {
      smallest = Math.min(smallest, spaces.length);
      if (piece.kind === "text") lineStarts.push(piece);
    }
    atLineStart = text.endsWith("\n");
  }
  for (const piece of lineStarts) piece.text = piece.text.slice(smallest);
}
