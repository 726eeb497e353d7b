import type { Token, TokenKind } from "./token.ts";
import { punctuationAt } from "./token.ts";

/**
 * Cuts a text into tokens; spaces fall between them. Grammar:
 * https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#lexical-elements
 */
export function tokenize(text: string): Token[] {
  return new Lexer(text, []).run();
}

/** Cuts a text that is a template as a whole, as strings of the JSON form are. */
export function tokenizeTemplate(text: string): Token[] {
  return new Lexer(text, [{ mode: "bare" }]).run();
}

/** What the lexer is inside of; nothing on the stack is plain code. */
type Mode =
  | { readonly mode: "quoted" }
  | { readonly mode: "bare" }
  | { readonly mode: "heredoc"; readonly marker: string; atLineStart: boolean }
  /** Between `${` and its `}`; counts the braces opened inside. */
  | { readonly mode: "sequence"; braces: number };

const space = /[ \t]+/y;
const number = /\d(?:\d|\.(?=\d)|[eE][+-]?\d)*/y;
const identifier = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy;
const heredoc = /<<-?([\p{ID_Start}_][\p{ID_Continue}-]*)(\r?\n)/uy;
const newline = /\r?\n/y;
const lineComment = /(?:#|\/\/)[^\n]*/y;

/** Of quotes: up to what may begin a sequence, an end or a line. */
const quotedRun = /(?:\\[^\r\n]|[^\\$%"\r\n])+/y;
const templateRun = /[^$%\r\n]+/y;

class Lexer {
  readonly #text: string;
  readonly #modes: Mode[];
  readonly #tokens: Token[] = [];
  #at = 0;

  constructor(text: string, modes: Mode[]) {
    this.#text = text;
    this.#modes = modes;
  }

  run(): Token[] {
    if (this.#text.startsWith("\uFEFF")) this.#at = 1;
    while (this.#at < this.#text.length) this.#next();
    this.#add("end", this.#text.length);
    return this.#tokens;
  }

  #next(): void {
    const mode = this.#modes.at(-1);
    if (mode === undefined || mode.mode === "sequence") this.#code(mode ?? null);
    else if (mode.mode === "heredoc") this.#template(mode);
    else if (mode.mode === "bare") this.#template(null);
    else this.#quoted();
  }

  #add(kind: TokenKind, end: number): void {
    this.#tokens.push({ kind, start: this.#at, end });
    this.#at = end;
  }

  /** The end of what the pattern matches here, or -1. */
  #matchEnd(pattern: RegExp): number {
    pattern.lastIndex = this.#at;
    return pattern.test(this.#text) ? pattern.lastIndex : -1;
  }

  #code(sequence: (Mode & { mode: "sequence" }) | null): void {
    const spaces = this.#matchEnd(space);
    if (spaces >= 0) {
      this.#at = spaces;
      return;
    }
    const word = this.#matchEnd(identifier);
    const character = this.#text[this.#at];
    if (word >= 0) {
      this.#add("identifier", word);
    } else if (character === '"') {
      this.#add("open quote", this.#at + 1);
      this.#modes.push({ mode: "quoted" });
    } else if (this.#isSequenceEnd(sequence)) {
      this.#modes.pop();
      this.#add("close template", this.#at + (character === "~" ? 2 : 1));
    } else if (!this.#commentOrLine() && !this.#heredocStart()) {
      this.#symbol(sequence);
    }
  }

  #isSequenceEnd(sequence: (Mode & { mode: "sequence" }) | null): boolean {
    const closes = this.#text.startsWith("}", this.#at) || this.#text.startsWith("~}", this.#at);
    return closes && sequence !== null && sequence.braces === 0;
  }

  #commentOrLine(): boolean {
    const line = this.#matchEnd(newline);
    const comment = line >= 0 ? -1 : this.#matchEnd(lineComment);
    if (line >= 0) this.#add("newline", line);
    else if (comment >= 0) this.#add("comment", comment - (this.#text[comment - 1] === "\r" ? 1 : 0));
    else if (this.#text.startsWith("/*", this.#at)) {
      const close = this.#text.indexOf("*/", this.#at + 2);
      this.#add(close < 0 ? "invalid" : "comment", close < 0 ? this.#text.length : close + 2);
    } else return false;
    return true;
  }

  #heredocStart(): boolean {
    heredoc.lastIndex = this.#at;
    const start = heredoc.exec(this.#text);
    if (start === null) return false;
    this.#add("open heredoc", heredoc.lastIndex);
    this.#modes.push({ mode: "heredoc", marker: start[1] ?? "", atLineStart: true });
    return true;
  }

  #symbol(sequence: (Mode & { mode: "sequence" }) | null): void {
    const digits = this.#matchEnd(number);
    const symbol = punctuationAt(this.#text, this.#at);
    if (sequence !== null && symbol === "{") sequence.braces++;
    if (sequence !== null && symbol === "}") sequence.braces--;
    if (digits >= 0) this.#add("number", digits);
    else if (symbol !== null) this.#add(symbol, this.#at + symbol.length);
    else this.#add("invalid", this.#at + ((this.#text.codePointAt(this.#at) ?? 0) > 0xffff ? 2 : 1));
  }

  #quoted(): void {
    const run = this.#matchEnd(quotedRun);
    const character = this.#text[this.#at];
    if (run >= 0) {
      this.#add("quoted text", run);
    } else if (character === '"') {
      this.#modes.pop();
      this.#add("close quote", this.#at + 1);
    } else if (character === "\n" || character === "\r") {
      this.#add("quoted newline", this.#at + 1);
    } else if (character === "\\") {
      this.#add("invalid", this.#at + 1);
    } else {
      this.#sequenceOr("quoted text");
    }
  }

  #template(doc: (Mode & { mode: "heredoc" }) | null): void {
    if (doc?.atLineStart && this.#heredocEnd(doc.marker)) return;
    const run = this.#matchEnd(templateRun);
    const line = newlineEnd(this.#text, run >= 0 ? run : this.#at);
    if (doc !== null) doc.atLineStart = line >= 0;
    if (run >= 0 || line >= 0) this.#add("template text", Math.max(run, line));
    else if (this.#text[this.#at] === "\r") this.#add("template text", this.#at + 1);
    else this.#sequenceOr("template text");
  }

  /** The marker may be indented and followed by spaces. */
  #heredocEnd(marker: string): boolean {
    const lineEnd = this.#text.indexOf("\n", this.#at);
    const end = lineEnd < 0 ? this.#text.length : lineEnd;
    if (this.#text.slice(this.#at, end).trim() !== marker) return false;
    this.#modes.pop();
    this.#add("close heredoc", this.#text[end - 1] === "\r" ? end - 1 : end);
    return true;
  }

  /** At a `$` or `%`: a sequence begins, or it is a character like others; doubled, it escapes. */
  #sequenceOr(kind: "quoted text" | "template text"): void {
    const character = this.#text[this.#at] ?? "";
    const opens = this.#text[this.#at + 1] === "{";
    if (!opens) {
      this.#add(kind, this.#at + (this.#text.startsWith(`${character}{`, this.#at + 1) ? 3 : 1));
      return;
    }
    const opened = character === "$" ? "open interpolation" : "open directive";
    this.#add(opened, this.#at + (this.#text[this.#at + 2] === "~" ? 3 : 2));
    this.#modes.push({ mode: "sequence", braces: 0 });
  }
}

function newlineEnd(text: string, at: number): number {
  newline.lastIndex = at;
  return newline.test(text) ? newline.lastIndex : -1;
}
