import { parseNumber } from "../values/number.ts";
import type { Value } from "../values/value.ts";
import { falseValue, nullValue, numberValue, stringValue, trueValue } from "../values/value.ts";
import type { BinaryOperator, Expression, SplatItem, Step } from "./ast.ts";
import { objectOrFor, tupleOrFor } from "./constructor-parser.ts";
import type { Span } from "./source.ts";
import { between } from "./source.ts";
import { parseTemplateAt, templateText } from "./template-parser.ts";
import type { Token, TokenKind } from "./token.ts";
import type { TokenReader } from "./token-reader.ts";
import { SyntaxProblem } from "./token-reader.ts";

/** Operators and traversals one behind another; each makes the tree a level deeper. */
const longestChain = 300;

/** From the loosest to the tightest. */
const precedence: readonly (readonly BinaryOperator[])[] = [
  ["||"],
  ["&&"],
  ["==", "!="],
  [">", ">=", "<", "<="],
  ["+", "-"],
  ["*", "/", "%"],
];

const levelOf: ReadonlyMap<TokenKind, number> = new Map(
  precedence.flatMap((operators, level) =>
    operators.map((operator): [TokenKind, number] => [operator, level]),
  ),
);

/** Reads an expression, by precedence climbing. */
export function expressionGrammar(reader: TokenReader): Expression {
  const condition = binary(reader, 0);
  if (reader.take("?") === null) return condition;
  const whenTrue = reader.expression();
  if (reader.take(":") === null) {
    throw new SyntaxProblem(
      reader.peek(),
      "Missing false expression in conditional",
      "A conditional is written condition ? value : other value; the colon is missing.",
    );
  }
  const whenFalse = reader.expression();
  return { kind: "conditional", condition, whenTrue, whenFalse, ...between(condition, whenFalse) };
}

function binary(reader: TokenReader, level: number): Expression {
  let left = unary(reader);
  for (let length = 0; ; length++) {
    const token = reader.peek();
    const found = levelOf.get(token.kind);
    if (found === undefined || found < level) return left;
    if (length >= longestChain) throw tooLong(token);
    reader.next();
    const right = reader.nested(() => binary(reader, found + 1));
    left = { kind: "binary", operator: token.kind as BinaryOperator, left, right, ...between(left, right) };
  }
}

function tooLong(at: Span): SyntaxProblem {
  return new SyntaxProblem(
    at,
    "Expression too long",
    `At most ${longestChain} operators may follow one another.`,
  );
}

function unary(reader: TokenReader): Expression {
  const token = reader.peek();
  if (token.kind !== "!" && token.kind !== "-") return withTraversals(reader, term(reader));
  const { kind: operator } = token;
  reader.next();
  const operand = reader.nested(() => unary(reader));
  return {
    kind: "unary",
    operator,
    operand,
    ...reader.placed({ start: token.start, end: token.end }),
    end: operand.end,
  };
}

const terms: Partial<Record<TokenKind, (reader: TokenReader) => Expression>> = {
  "(": parentheses,
  "[": tupleOrFor,
  "{": objectOrFor,
  number: numberLiteral,
  identifier: named,
  "open quote": parseTemplateAt,
  "open heredoc": parseTemplateAt,
};

function term(reader: TokenReader): Expression {
  const token = reader.peek();
  const read = terms[token.kind];
  if (read !== undefined) return reader.nested(() => read(reader));
  if (token.kind === "invalid") throw reader.invalid(token);
  throw new SyntaxProblem(token, "Invalid expression", expressionExpected(token));
}

function expressionExpected({ kind }: Token): string {
  if (kind === "newline" || kind === "end")
    return "Expected the start of an expression, but the line ends here.";
  return 'Expected the start of an expression: a value, a name, or one of ( [ { ".';
}

function parentheses(reader: TokenReader): Expression {
  const open = reader.next();
  const inner = reader.withoutNewlines(() => {
    const expression = reader.expression();
    if (reader.peek().kind !== ")") {
      throw new SyntaxProblem(
        reader.peek(),
        "Unbalanced parentheses",
        "Expected a closing parenthesis to terminate the expression.",
      );
    }
    return expression;
  });
  const close = reader.next();
  return { kind: "parentheses", inner, ...reader.placed(between(open, close)) };
}

function numberLiteral(reader: TokenReader): Expression {
  const token = reader.next();
  const number = parseNumber(reader.text(token));
  if (number === null) {
    throw new SyntaxProblem(
      token,
      "Invalid number literal",
      `${JSON.stringify(reader.text(token).slice(0, 40))} is not a number, or one of absurd size.`,
    );
  }
  return { kind: "literal", value: numberValue(number), ...reader.placed(token) };
}

const keywords: Readonly<Record<string, Value>> = { true: trueValue, false: falseValue, null: nullValue };

/** A keyword, a function call or the root of a reference. */
function named(reader: TokenReader): Expression {
  const token = reader.next();
  const name = reader.text(token);
  if (reader.peek().kind === "::" || reader.peek().kind === "(") return call(reader, token);
  const keyword = Object.hasOwn(keywords, name) ? keywords[name] : undefined;
  if (keyword !== undefined) return { kind: "literal", value: keyword, ...reader.placed(token) };
  return { kind: "reference", root: name, steps: [], text: `\${${name}}`, ...reader.placed(token) };
}

function call(reader: TokenReader, first: Token): Expression {
  let nameEnd = first;
  while (reader.take("::") !== null) {
    const part = reader.take("identifier");
    if (part === null)
      throw new SyntaxProblem(
        reader.peek(),
        "Missing function name",
        "A function's name is expected behind ::.",
      );
    nameEnd = part;
  }
  const nameSpan = between(first, nameEnd);
  if (reader.take("(") === null) {
    throw new SyntaxProblem(
      reader.peek(),
      "Missing open parenthesis",
      "A function's name is followed by its arguments in parentheses.",
    );
  }
  return reader.withoutNewlines(() => {
    const values: Expression[] = [];
    let expandsLast = false;
    while (reader.peek().kind !== ")") {
      values.push(reader.expression());
      if (reader.take("...") !== null) expandsLast = true;
      if (reader.peek().kind !== ")" && (expandsLast || reader.take(",") === null)) {
        throw new SyntaxProblem(
          reader.peek(),
          expandsLast ? "Missing closing parenthesis" : "Missing argument separator",
          expandsLast
            ? "The argument with ... must be the last."
            : "A comma is required to separate each function argument from the next.",
        );
      }
    }
    const close = reader.next();
    const place = reader.placed(between(first, close));
    return {
      kind: "call",
      name: reader.text(nameSpan),
      nameSpan: reader.placed(nameSpan),
      arguments: values,
      expandsLast,
      ...place,
    };
  });
}

/** Everything that may follow a term: `.name`, `.0`, `.*`, `[key]`, `[*]`. */
function withTraversals(reader: TokenReader, start: Expression): Expression {
  let expression = start;
  for (let length = 0; ; length++) {
    const token = reader.peek();
    if (length >= longestChain) throw tooLong(token);
    if (token.kind === ".") expression = afterDot(reader, expression);
    else if (token.kind === "[") expression = afterBracket(reader, expression);
    else return expression;
  }
}

function afterDot(reader: TokenReader, source: Expression): Expression {
  const dot = reader.next();
  const token = reader.peek();
  if (token.kind === "identifier") {
    reader.next();
    return withStep(reader, source, { kind: "attribute", name: reader.text(token), ...between(dot, token) });
  }
  if (token.kind === "number") return legacyIndex(reader, source, dot);
  if (token.kind === "*") {
    reader.next();
    return splat(reader, source, reader.placed(between(dot, token)), ["."]);
  }
  throw new SyntaxProblem(token, "Invalid attribute name", "An attribute name is required after a dot.");
}

/** `list.0`; two of them behind one another would read as a fraction. */
function legacyIndex(reader: TokenReader, source: Expression, dot: Token): Expression {
  const token = reader.next();
  const digits = reader.text(token);
  const number = /^\d+$/.test(digits) ? parseNumber(digits) : null;
  if (number === null) {
    const detail = `An index behind a dot is a whole number. Write brackets: [${digits.replaceAll(".", "][")}].`;
    throw new SyntaxProblem(token, "Invalid legacy index syntax", detail);
  }
  return withStep(reader, source, { kind: "index", key: numberValue(number), ...between(dot, token) });
}

function afterBracket(reader: TokenReader, source: Expression): Expression {
  const open = reader.next();
  const { key, close } = reader.withoutNewlines(() => ({
    key: reader.take("*") === null ? reader.expression() : null,
    close: closingBracket(reader),
  }));
  if (key === null) return splat(reader, source, reader.placed(between(open, close)), [".", "["]);
  const literal = literalKey(key);
  if (literal !== null)
    return withStep(reader, source, { kind: "index", key: literal, ...between(open, close) });
  return { kind: "index", collection: source, key, start: source.start, end: reader.placed(close).end };
}

function closingBracket(reader: TokenReader): Token {
  if (reader.peek().kind !== "]") {
    throw new SyntaxProblem(
      reader.peek(),
      "Missing close bracket on index",
      "The index operator must end with a closing bracket (]).",
    );
  }
  return reader.next();
}

function literalKey(key: Expression): Value | null {
  if (key.kind === "literal" && (key.value.kind === "number" || key.value.kind === "string"))
    return key.value;
  const text = key.kind === "template" ? templateText(key) : null;
  return text === null ? null : stringValue(text);
}

/** Steps from one root are one reference, so that it can stay as text when the root is not known. */
function withStep(reader: TokenReader, source: Expression, step: Step): Expression {
  const placed = { ...step, ...reader.placed(step) };
  const place = { start: source.start, end: placed.end };
  if (source.kind === "reference") {
    const text = `\${${source.text.slice(2, -1)}${reader.text(step)}}`;
    return { ...source, steps: [...source.steps, placed], text, ...place };
  }
  if (source.kind === "traversal") return { ...source, steps: [...source.steps, placed], ...place };
  return { kind: "traversal", source, steps: [placed], ...place };
}

/** What follows the star belongs to every item: attributes after `.*`, indexes as well after `[*]`. */
function splat(
  reader: TokenReader,
  source: Expression,
  marker: Span,
  follows: readonly TokenKind[],
): Expression {
  const item: SplatItem = { kind: "splat item", start: marker.start, end: marker.end };
  let each: Expression = item;
  while (follows.includes(reader.peek().kind)) {
    each = reader.peek().kind === "." ? afterDot(reader, each) : afterBracket(reader, each);
  }
  return { kind: "splat", source, item, each, start: source.start, end: each.end };
}
