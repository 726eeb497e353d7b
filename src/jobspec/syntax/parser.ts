import type { Diagnostic } from "#model/diagnostic.ts";
import type { Attribute, Block, Body, Expression, Label } from "./ast.ts";
import { expressionGrammar } from "./expression-parser.ts";
import { tokenize, tokenizeTemplate } from "./lexer.ts";
import type { Source, Span } from "./source.ts";
import { between } from "./source.ts";
import { parseBareTemplate, parseTemplateAt, templateText } from "./template-parser.ts";
import type { Token } from "./token.ts";
import { type Dialect, SyntaxProblem, TokenReader } from "./token-reader.ts";

interface Name extends Span {
  readonly text: string;
}

export interface Parsed<T> {
  readonly value: T;
  readonly diagnostics: readonly Diagnostic[];
}

/** Blocks may be nested so deep; expressions have a bound of their own. */
const deepestBlock = 50;

/** Reads a file in native syntax. The body holds all that could be read, also when there are errors. */
export function parseBody(source: Source, dialect: Dialect = "second"): Parsed<Body> {
  const tokens = tokenize(source.text);
  const reader = new TokenReader(source, source.text, tokens, expressionGrammar, undefined, dialect);
  const value = body(reader, "end", 0);
  return { value, diagnostics: reader.diagnostics };
}

/** Reads a text that is one expression. */
export function parseExpression(source: Source): Parsed<Expression> {
  const reader = new TokenReader(source, source.text, tokenize(source.text), expressionGrammar);
  const value = reader.withoutNewlines(() =>
    reader.attempt(() => {
      const expression = reader.expression();
      const rest = reader.peek();
      if (rest.kind !== "end") {
        throw new SyntaxProblem(
          rest,
          "Extra characters after expression",
          "An expression was read, but there is more text behind it.",
        );
      }
      return expression;
    }),
  );
  const { start, end } = { start: 0, end: source.text.length };
  return { value: value ?? { kind: "invalid", start, end }, diagnostics: reader.diagnostics };
}

/**
 * Reads a whole text as a template, as the strings of the JSON form are. `place` says where a part of the text
 * stands in the source.
 */
export function parseTemplate(source: Source, text: string, place: (span: Span) => Span): Parsed<Expression> {
  const reader = new TokenReader(source, text, tokenizeTemplate(text), expressionGrammar, place);
  const whole = place({ start: 0, end: text.length });
  const value = reader.attempt(() => parseBareTemplate(reader, whole));
  return { value: value ?? { kind: "invalid", ...whole }, diagnostics: reader.diagnostics };
}

function body(reader: TokenReader, closing: "end" | "}", depth: number): Body {
  const attributes = new Map<string, Attribute>();
  const blocks: Block[] = [];
  const first = reader.peek();
  reader.skipNewlines();
  while (reader.peek().kind !== closing && reader.peek().kind !== "end") {
    const start = reader.position;
    const item = reader.attempt(() => bodyItem(reader, depth));
    if (item === null) reader.recover(start);
    else if ("type" in item) blocks.push(item);
    else addAttribute(reader, attributes, item);
    reader.skipNewlines();
  }
  return { form: "native", attributes: [...attributes.values()], blocks, ...between(first, reader.peek()) };
}

function addAttribute(reader: TokenReader, attributes: Map<string, Attribute>, attribute: Attribute): void {
  const earlier = attributes.get(attribute.name);
  if (earlier === undefined) attributes.set(attribute.name, attribute);
  else {
    reader.report(
      attribute.nameSpan,
      "Attribute redefined",
      `The argument ${JSON.stringify(attribute.name)} was already set at ${reader.lineOf(earlier)}. Each argument may be set only once.`,
    );
  }
}

/** An attribute or a block, with the end of its line. */
function bodyItem(reader: TokenReader, depth: number): Attribute | Block {
  const name = itemName(reader);
  if (reader.peek().kind === "=") return attribute(reader, name);
  const item = block(reader, name, depth);
  endOfItem(reader, "block definition", "A block definition must end with a line break.");
  return item;
}

function itemName(reader: TokenReader): Name {
  const word = reader.take("identifier");
  if (word !== null) return { text: reader.text(word), start: word.start, end: word.end };
  if (reader.dialect === "second" || reader.peek().kind !== "open quote") throw misplaced(reader);
  const template = parseTemplateAt(reader);
  const text = templateText(template);
  if (text === null) throw new SyntaxProblem(template, "Invalid argument name", "A name is plain text.");
  return { text, start: template.start, end: template.end };
}

function misplaced(reader: TokenReader): SyntaxProblem {
  const token = reader.peek();
  if (token.kind === "open quote") {
    return new SyntaxProblem(token, "Invalid argument name", "Argument names must not be quoted.");
  }
  if (token.kind === "invalid") return reader.invalid(token);
  return new SyntaxProblem(
    token,
    "Argument or block definition required",
    "An argument or block definition is required here: a name, then = and a value, or { and a body.",
  );
}

function attribute(reader: TokenReader, name: Name): Attribute {
  reader.next();
  const expression = reader.expression();
  endOfItem(
    reader,
    "expression",
    "An expression was read, but there is more on its line. Write the next argument on a line of its own.",
  );
  return { name: name.text, nameSpan: name, expression, ...between(name, expression) };
}

function endOfItem(reader: TokenReader, what: string, detail: string): void {
  if (reader.dialect === "first") {
    reader.take(",");
    return;
  }
  const { kind } = reader.peek();
  if (kind === "newline" || kind === "end") return;
  if (kind === "}" && what === "expression") return;
  if (kind === "invalid") throw reader.invalid(reader.peek());
  throw new SyntaxProblem(
    reader.peek(),
    `Missing newline after ${what === "expression" ? "argument" : what}`,
    detail,
  );
}

function block(reader: TokenReader, type: Name, depth: number): Block {
  const labels: Label[] = [];
  for (let token = reader.peek(); token.kind !== "{"; token = reader.peek())
    labels.push(label(reader, token, type));
  if (depth >= deepestBlock) {
    throw new SyntaxProblem(type, "Nested too deep", `Blocks may be nested ${deepestBlock} levels deep.`);
  }
  reader.next();
  const isOnLines = reader.peek().kind === "newline" || reader.dialect === "first";
  const content = isOnLines ? body(reader, "}", depth + 1) : oneLineBody(reader);
  const close = reader.peek();
  // Behind another mistake a missing brace is most often part of it.
  if (close.kind !== "}" && reader.diagnostics.length === 0) {
    throw new SyntaxProblem(
      type,
      "Unclosed configuration block",
      `There is no closing brace for this block before the end of the file: look for a missing } in ${JSON.stringify(type.text)} or in what it holds.`,
    );
  }
  reader.next();
  return { type: type.text, typeSpan: type, labels, body: content, ...between(type, close) };
}

function label(reader: TokenReader, token: Token, type: Name): Label {
  if (token.kind === "identifier") {
    reader.next();
    return { text: reader.text(token), start: token.start, end: token.end };
  }
  if (token.kind === "open quote") {
    const template = parseTemplateAt(reader);
    const text = templateText(template);
    if (text === null) {
      throw new SyntaxProblem(
        template,
        "Invalid string literal",
        "A block label is plain text: it cannot hold ${ } or %{ }.",
      );
    }
    return { text, start: template.start, end: template.end };
  }
  if (token.kind === "invalid") throw reader.invalid(token);
  const name = JSON.stringify(type.text);
  if (token.kind === "newline" || token.kind === "end") {
    throw new SyntaxProblem(
      type,
      "Invalid block definition",
      `Either = and a value or { and a body is expected behind ${name}.`,
    );
  }
  throw new SyntaxProblem(
    token,
    "Invalid block definition",
    `Either a quoted label or an opening brace is expected behind ${name}.`,
  );
}

/** `{ name = value }` on one line: at most one argument, and no block. */
function oneLineBody(reader: TokenReader): Body {
  const open = reader.peek();
  if (open.kind === "}") return { form: "native", attributes: [], blocks: [], ...emptySpan(open) };
  const name = reader.take("identifier");
  if (name === null || reader.peek().kind !== "=") {
    throw new SyntaxProblem(
      name ?? open,
      "Argument definition required",
      "A block on one line can hold one argument only, and no other block. Write its content on lines of its own.",
    );
  }
  reader.next();
  const expression = reader.expression();
  if (reader.peek().kind === "newline") reader.skipNewlines();
  if (reader.peek().kind !== "}") {
    throw new SyntaxProblem(
      reader.peek(),
      "Invalid single-argument block definition",
      "A block on one line ends behind its only argument. Write its content on lines of its own.",
    );
  }
  const only: Attribute = {
    name: reader.text(name),
    nameSpan: name,
    expression,
    ...between(name, expression),
  };
  return { form: "native", attributes: [only], blocks: [], ...between(name, expression) };
}

function emptySpan(at: Span): Span {
  return { start: at.start, end: at.start };
}
