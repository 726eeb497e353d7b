import { failAt } from "./template-error.ts";
import type { Token, TokenKind } from "./token.ts";

export interface Delimiters {
  readonly left: string;
  readonly right: string;
}

const SPACE = /[ \t\r\n]+/y;
const COMMENT = /\/\*[\s\S]*?\*\//y;

/** In the order in which they are tried (text/template of Go, "Actions" and "Arguments"). */
const PATTERNS: readonly [TokenKind, RegExp][] = [
  ["space", SPACE],
  ["declare", /:=/y],
  ["assign", /=/y],
  ["pipe", /\|/y],
  ["open", /\(/y],
  ["close", /\)/y],
  ["comma", /,/y],
  ["string", /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ["character", /'(?:[^'\\\n]|\\.[^']*)'/y],
  [
    "number",
    /[+-]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/y,
  ],
  ["field", /\.[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ["dot", /\./y],
  ["variable", /\$[\p{L}\p{Nd}_]*/uy],
  ["identifier", /[\p{L}_][\p{L}\p{Nd}_]*/uy],
];

/** Cuts a template into tokens; the last is of kind `end`. `name` is for messages. */
export function tokenize(name: string, source: string, delimiters: Delimiters): Token[] {
  return new Lexer(name, source, delimiters).run();
}

class Lexer {
  readonly #name: string;
  readonly #source: string;
  readonly #left: string;
  readonly #right: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;
  /** A trim marker stood at the end of the last action. */
  #trimsNext = false;

  constructor(name: string, source: string, { left, right }: Delimiters) {
    this.#name = name;
    this.#source = source;
    this.#left = left;
    this.#right = right;
  }

  run(): Token[] {
    while (this.#at < this.#source.length) {
      const start = this.#source.indexOf(this.#left, this.#at);
      this.#text(start < 0 ? this.#source.length : start);
      if (start >= 0) this.#action();
    }
    this.#add("end", "");
    return this.#tokens;
  }

  #text(end: number): void {
    const raw = this.#source.slice(this.#at, end);
    const trimsLeft = this.#source.startsWith(this.#left, end) && this.#isTrimAt(end + this.#left.length);
    let text = this.#trimsNext ? raw.replace(/^[ \t\r\n]+/, "") : raw;
    if (trimsLeft) text = text.replace(/[ \t\r\n]+$/, "");
    if (text !== "") this.#add("text", text);
    this.#advance(raw);
    this.#trimsNext = false;
  }

  /** `{{- ` with a blank behind the minus. */
  #isTrimAt(at: number): boolean {
    return this.#source[at] === "-" && /[ \t\r\n]/.test(this.#source[at + 1] ?? "");
  }

  #action(): void {
    const opened = this.#line;
    this.#advance(this.#left);
    if (this.#isTrimAt(this.#at)) this.#advance(this.#source.slice(this.#at, this.#at + 2));
    if (this.#comment()) return;
    this.#tokens.push({ kind: "left", text: this.#left, line: this.#line });
    while (!this.#closes()) {
      if (this.#at >= this.#source.length)
        failAt({ template: this.#name, line: opened }, `this action is not closed by ${this.#right}`);
      this.#token();
    }
    this.#tokens.push({ kind: "right", text: this.#right, line: this.#line });
  }

  #comment(): boolean {
    COMMENT.lastIndex = this.#at;
    const [comment] = COMMENT.exec(this.#source) ?? [];
    if (comment === undefined) return false;
    this.#advance(comment);
    if (!this.#closes())
      failAt({ template: this.#name, line: this.#line }, `a comment must end with */${this.#right}`);
    return true;
  }

  /** Takes the end of an action, with its trim marker. */
  #closes(): boolean {
    SPACE.lastIndex = this.#at;
    const [space = ""] = SPACE.exec(this.#source) ?? [];
    const trimmed = `${space}-${this.#right}`;
    if (space !== "" && this.#source.startsWith(trimmed, this.#at)) {
      this.#advance(trimmed);
      this.#trimsNext = true;
      return true;
    }
    if (!this.#source.startsWith(this.#right, this.#at)) return false;
    this.#advance(this.#right);
    return true;
  }

  #token(): void {
    for (const [kind, pattern] of PATTERNS) {
      pattern.lastIndex = this.#at;
      const [text] = pattern.exec(this.#source) ?? [];
      if (text === undefined) continue;
      this.#add(kind, text);
      this.#advance(text);
      return;
    }
    const found = this.#source[this.#at] ?? "";
    const problem =
      found === '"' || found === "`" || found === "'"
        ? "this text is not closed"
        : `"${found}" is not expected here`;
    failAt({ template: this.#name, line: this.#line }, problem);
  }

  #add(kind: TokenKind, text: string): void {
    this.#tokens.push({ kind, text, line: this.#line });
  }

  #advance(text: string): void {
    this.#at += text.length;
    for (const character of text) if (character === "\n") this.#line += 1;
  }
}
