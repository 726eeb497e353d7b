import { suggestion } from "#model/spelling.ts";
import { stringValue } from "../values/value.ts";
import type { Expression, For, ObjectItem } from "./ast.ts";
import { between } from "./source.ts";
import type { Token } from "./token.ts";
import type { TokenReader } from "./token-reader.ts";
import { SyntaxProblem } from "./token-reader.ts";

/** `[a, b]` or `[for …]` */
export function tupleOrFor(reader: TokenReader): Expression {
  const open = reader.next();
  return reader.withoutNewlines(() => {
    if (reader.takeWord("for") !== null) return forExpression(reader, open, "]");
    const items: Expression[] = [];
    while (reader.peek().kind !== "]") {
      items.push(reader.expression());
      if (reader.peek().kind !== "]" && reader.take(",") === null) {
        const missing =
          reader.peek().kind === "end"
            ? "Unterminated tuple constructor expression"
            : "Missing item separator";
        throw new SyntaxProblem(
          reader.peek(),
          missing,
          "Expected a comma to mark the beginning of the next item, or a closing bracket (]).",
        );
      }
    }
    return { kind: "tuple", items, ...reader.placed(between(open, reader.next())) };
  });
}

/** `{ a = 1 }` or `{for …}` */
export function objectOrFor(reader: TokenReader): Expression {
  const open = reader.next();
  const start = reader.withoutNewlines(() => reader.takeWord("for"));
  if (start !== null && reader.peek().kind !== "=" && reader.peek().kind !== ":") {
    return reader.withoutNewlines(() => forExpression(reader, open, "}"));
  }
  return reader.withNewlines(() => {
    const items: ObjectItem[] = [];
    if (start !== null) items.push(objectItem(reader, wordKey(reader, start)));
    for (reader.skipNewlines(); reader.peek().kind !== "}"; reader.skipNewlines()) {
      items.push(objectItem(reader, objectKey(reader)));
    }
    return { kind: "object", items, ...reader.placed(between(open, reader.next())) };
  });
}

function wordKey(reader: TokenReader, word: Token): Expression {
  return { kind: "literal", value: stringValue(reader.text(word)), ...reader.placed(word) };
}

/** A bare name is a key of that name; anything else is evaluated. */
function objectKey(reader: TokenReader): Expression {
  const token = reader.peek();
  const key = reader.expression();
  if (key.kind === "literal" && token.kind === "identifier") return wordKey(reader, token);
  if (key.kind !== "reference") return key;
  if (key.steps.length > 0) {
    throw new SyntaxProblem(
      token,
      "Ambiguous attribute key",
      "If this expression is intended to be a reference, wrap it in parentheses. If it's instead intended as a literal name containing periods, wrap it in quotes to create a string literal.",
    );
  }
  return wordKey(reader, token);
}

function objectItem(reader: TokenReader, key: Expression): ObjectItem {
  if (reader.dialect === "first") return itemOfFirstDialect(reader, key);
  if (reader.take("=") === null && reader.take(":") === null) {
    const detail = "Expected an equals sign (=) or a colon (:) to mark the beginning of the attribute value.";
    throw new SyntaxProblem(reader.peek(), "Missing attribute value", detail);
  }
  const value = reader.expression();
  const { kind } = reader.peek();
  if (kind !== "}" && kind !== "newline" && reader.take(",") === null) {
    const summary = kind === "end" ? "Unclosed object constructor" : "Missing attribute separator";
    throw new SyntaxProblem(
      reader.peek(),
      summary,
      "Expected a newline or comma to mark the beginning of the next attribute, or a closing brace (}).",
    );
  }
  return { key, value };
}

/** `name = value`, or `name { … }` for `name = { … }`; a comma behind it may be left out. */
function itemOfFirstDialect(reader: TokenReader, key: Expression): ObjectItem {
  const isAssigned = reader.take("=") !== null || reader.take(":") !== null;
  if (!isAssigned && reader.peek().kind !== "{") {
    const detail = "Either an equals sign (=) and a value or an opening brace ({) is expected behind a name.";
    throw new SyntaxProblem(reader.peek(), "Missing attribute value", detail);
  }
  const value = reader.expression();
  reader.take(",");
  return { key, value };
}

function forExpression(reader: TokenReader, open: Token, closing: "]" | "}"): For {
  const { keyName, valueName } = forNames(reader);
  const collection = reader.expression();
  if (reader.take(":") === null) {
    throw new SyntaxProblem(
      reader.peek(),
      "Invalid 'for' expression",
      "A colon is required after the collection of a for expression.",
    );
  }
  const first = reader.expression();
  const isObject = reader.take("=>") !== null;
  const value = isObject ? reader.expression() : first;
  const grouped = reader.take("...") !== null;
  const condition = reader.takeWord("if") === null ? null : reader.expression();
  checkFor(reader, closing, isObject, grouped);
  const place = reader.placed(between(open, reader.next()));
  return {
    kind: "for",
    keyName,
    valueName,
    collection,
    key: isObject ? first : null,
    value,
    condition,
    grouped,
    ...place,
  };
}

function checkFor(reader: TokenReader, closing: "]" | "}", isObject: boolean, grouped: boolean): void {
  const token = reader.peek();
  const summary = "Invalid 'for' expression";
  if (closing === "}" && !isObject) {
    throw new SyntaxProblem(
      token,
      summary,
      "A for expression in braces makes an object and needs key => value.",
    );
  }
  if (closing === "]" && isObject) {
    throw new SyntaxProblem(
      token,
      summary,
      "Key expression is not valid when building a tuple: write braces around the for expression.",
    );
  }
  if (grouped && !isObject) {
    throw new SyntaxProblem(token, summary, "Grouping ellipsis (...) cannot be used when building a tuple.");
  }
  if (token.kind !== closing) {
    throw new SyntaxProblem(
      token,
      summary,
      `Extra characters after the end of the for expression: ${JSON.stringify(closing)} is expected.`,
    );
  }
}

/** `name in` or `key, value in` */
export function forNames(reader: TokenReader): { keyName: string | null; valueName: string } {
  const first = forName(reader);
  const second = reader.take(",") === null ? null : forName(reader);
  if (reader.takeWord("in") === null) {
    const token = reader.peek();
    const hint = token.kind === "identifier" ? suggestion(reader.text(token), ["in"]) : "";
    throw new SyntaxProblem(
      token,
      "Invalid 'for' expression",
      `For expression requires the 'in' keyword after its name declarations.${hint}`,
    );
  }
  return second === null ? { keyName: null, valueName: first } : { keyName: first, valueName: second };
}

function forName(reader: TokenReader): string {
  const token = reader.take("identifier");
  if (token === null)
    throw new SyntaxProblem(
      reader.peek(),
      "Invalid 'for' expression",
      "For expression requires variable name after 'for'.",
    );
  return reader.text(token);
}
