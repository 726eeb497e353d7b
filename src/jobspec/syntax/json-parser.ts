import type { ExactNumber } from "../values/number.ts";
import { parseNumber } from "../values/number.ts";
import type { Span } from "./source.ts";

/** JSON with its places, and with numbers as they are written. */
export type JsonNode =
  | JsonObject
  | (Span & { readonly kind: "array"; readonly items: readonly JsonNode[] })
  | JsonString
  | (Span & { readonly kind: "number"; readonly number: ExactNumber })
  | (Span & { readonly kind: "constant"; readonly value: true | false | null });

export interface JsonObject extends Span {
  readonly kind: "object";
  readonly members: readonly JsonMember[];
}

export interface JsonMember {
  readonly name: JsonString;
  readonly value: JsonNode;
}

export interface JsonString extends Span {
  readonly kind: "string";
  readonly text: string;
}

/** Text that is no JSON; the message is meant for the one who wrote it. */
export class JsonError extends Error {
  readonly span: Span;

  constructor(span: Span, message: string) {
    super(message);
    this.span = span;
  }
}

const deepestNesting = 100;

/** Reads one JSON value. Throws a JsonError. Grammar: https://www.rfc-editor.org/rfc/rfc8259 */
export function parseJson(text: string): JsonNode {
  const parser = new JsonParser(text);
  const value = parser.value(0);
  parser.end();
  return value;
}

const space = /[ \t\r\n]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const string = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const word = /[A-Za-z_$][\w$-]*/y;

class JsonParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    if (text.startsWith("\uFEFF")) this.#at = 1;
  }

  value(depth: number): JsonNode {
    this.#skipSpace();
    const character = this.#text[this.#at];
    if (depth > deepestNesting)
      throw this.#error(this.#at, 1, `JSON may be nested ${deepestNesting} levels deep.`);
    if (character === "{") return this.#object(depth);
    if (character === "[") return this.#array(depth);
    if (character === '"') return this.#string("A value");
    return this.#numberOrConstant();
  }

  end(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length)
      throw this.#error(this.#at, 1, "There is more text behind the end of the value.");
  }

  #skipSpace(): void {
    space.lastIndex = this.#at;
    space.test(this.#text);
    this.#at = space.lastIndex;
  }

  #take(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #error(start: number, length: number, message: string): JsonError {
    const end = Math.min(start + length, this.#text.length);
    return new JsonError(
      { start: Math.min(start, end), end },
      start >= this.#text.length ? "The text ends in the middle of a value." : message,
    );
  }

  #object(depth: number): JsonObject {
    const start = this.#at++;
    const members: JsonMember[] = [];
    while (!this.#take("}")) {
      if (members.length > 0) this.#separator("}", "property");
      this.#skipSpace();
      const name = this.#string("A property name");
      if (!this.#take(":"))
        throw this.#error(this.#at, 1, "A colon is expected between a property's name and its value.");
      members.push({ name, value: this.value(depth + 1) });
    }
    return { kind: "object", members, start, end: this.#at };
  }

  #array(depth: number): JsonNode {
    const start = this.#at++;
    const items: JsonNode[] = [];
    while (!this.#take("]")) {
      if (items.length > 0) this.#separator("]", "item");
      items.push(this.value(depth + 1));
    }
    return { kind: "array", items, start, end: this.#at };
  }

  #separator(close: string, what: string): void {
    if (!this.#take(","))
      throw this.#error(this.#at, 1, `A comma or ${close} is expected behind each ${what}.`);
    this.#skipSpace();
    if (this.#text[this.#at] === close)
      throw this.#error(
        this.#at,
        1,
        `There is no ${what} behind the comma: JSON does not allow trailing commas.`,
      );
  }

  #string(what: string): JsonString {
    string.lastIndex = this.#at;
    const start = this.#at;
    if (!string.test(this.#text)) {
      const isText = this.#text[start] === '"';
      throw this.#error(
        start,
        1,
        isText
          ? "This text has no closing quote on its line, or a bad escape or a control character in it."
          : `${what} in double quotes is expected.`,
      );
    }
    this.#at = string.lastIndex;
    const raw = this.#text.slice(start, this.#at);
    return {
      kind: "string",
      text: raw.includes("\\") ? String(JSON.parse(raw)) : raw.slice(1, -1),
      start,
      end: this.#at,
    };
  }

  #numberOrConstant(): JsonNode {
    const start = this.#at;
    number.lastIndex = start;
    if (number.test(this.#text)) {
      this.#at = number.lastIndex;
      const value = parseNumber(this.#text.slice(start, this.#at));
      if (value === null) throw this.#error(start, this.#at - start, "The number is of absurd size.");
      return { kind: "number", number: value, start, end: this.#at };
    }
    word.lastIndex = start;
    const name = word.exec(this.#text)?.[0] ?? "";
    const value = constants.get(name);
    if (value === undefined)
      throw this.#error(
        start,
        Math.max(1, name.length),
        "A JSON value is expected: an object, an array, text, a number, true, false or null.",
      );
    this.#at = start + name.length;
    return { kind: "constant", value, start, end: this.#at };
  }
}

const constants: ReadonlyMap<string, true | false | null> = new Map<string, true | false | null>([
  ["true", true],
  ["false", false],
  ["null", null],
]);
