import type { Diagnostic } from "#model/diagnostic.ts";
import type { Expression } from "./ast.ts";
import type { Source, Span } from "./source.ts";
import { rangeOf } from "./source.ts";
import { bracketChange, type Token, type TokenKind } from "./token.ts";

/** A mistake that ends the reading of an item; what reads items reports it and goes on behind it. */
export class SyntaxProblem extends Error {
  readonly span: Span;
  readonly summary: string;
  readonly detail: string;

  constructor(span: Span, summary: string, detail: string) {
    super(summary);
    this.span = span;
    this.summary = summary;
    this.detail = detail;
  }
}

const deepestExpression = 300;
const mostDiagnostics = 50;

/**
 * Which HCL. In its first version, which Consul's files are written in, objects may hold blocks, items may stand
 * behind one another on a line, and names may be quoted.
 */
export type Dialect = "first" | "second";

/** Goes through the tokens of a source, past its comments. */
export class TokenReader {
  readonly diagnostics: Diagnostic[] = [];
  readonly dialect: Dialect;
  readonly #source: Source;
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #grammar: (reader: TokenReader) => Expression;
  /** Where in the source a part of the text is; other than itself for text that was decoded before. */
  readonly #place: (span: Span) => Span;
  #at = 0;
  #newlines = true;
  #depth = 0;

  /**
   * `text` is what the tokens were cut from: the source's own, or a part of it that was decoded. `grammar` reads an
   * expression; what an expression is made of reads those inside by it.
   */
  constructor(
    source: Source,
    text: string,
    tokens: readonly Token[],
    grammar: (reader: TokenReader) => Expression,
    place: (span: Span) => Span = ({ start, end }) => ({ start, end }),
    dialect: Dialect = "second",
  ) {
    this.dialect = dialect;
    this.#source = source;
    this.#text = text;
    this.#tokens = tokens;
    this.#grammar = grammar;
    this.#place = place;
  }

  get position(): number {
    return this.#at;
  }

  expression(): Expression {
    return this.nested(() => this.#grammar(this));
  }

  peek(): Token {
    for (;;) {
      const token = this.#tokens[this.#at] ?? this.#end();
      const skipped = token.kind === "comment" || (token.kind === "newline" && !this.#newlines);
      if (!skipped) return token;
      this.#at++;
    }
  }

  #end(): Token {
    const end = this.#tokens.at(-1)?.end ?? 0;
    return { kind: "end", start: end, end };
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== "end") this.#at++;
    return token;
  }

  take(kind: TokenKind): Token | null {
    return this.peek().kind === kind ? this.next() : null;
  }

  /** Takes the identifier `word`, if it comes next. */
  takeWord(word: string): Token | null {
    const token = this.peek();
    return token.kind === "identifier" && this.text(token) === word ? this.next() : null;
  }

  text({ start, end }: Span): string {
    return this.#text.slice(start, end);
  }

  placed(span: Span): Span {
    return this.#place(span);
  }

  skipNewlines(): void {
    while (this.peek().kind === "newline") this.next();
  }

  withoutNewlines<Result>(read: () => Result): Result {
    return this.#withNewlines(false, read);
  }

  withNewlines<Result>(read: () => Result): Result {
    return this.#withNewlines(true, read);
  }

  #withNewlines<Result>(newlines: boolean, read: () => Result): Result {
    const outer = this.#newlines;
    this.#newlines = newlines;
    try {
      return read();
    } finally {
      this.#newlines = outer;
    }
  }

  /** Reads something nested, up to a depth that the stack can hold. */
  nested<Result>(read: () => Result): Result {
    if (this.#depth >= deepestExpression) {
      throw new SyntaxProblem(
        this.peek(),
        "Nested too deep",
        `Expressions may be nested ${deepestExpression} levels deep.`,
      );
    }
    this.#depth++;
    try {
      return read();
    } finally {
      this.#depth--;
    }
  }

  /** Null when there was a problem, which is then reported. */
  attempt<Result>(read: () => Result): Result | null {
    const [newlines, depth] = [this.#newlines, this.#depth];
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SyntaxProblem)) throw error;
      [this.#newlines, this.#depth] = [newlines, depth];
      this.report(error.span, error.summary, error.detail);
      return null;
    }
  }

  report(span: Span, summary: string, detail: string): void {
    if (this.diagnostics.length >= mostDiagnostics) return;
    const range = rangeOf(this.#source, this.#place(span));
    this.diagnostics.push({ severity: "error", summary, detail, range });
  }

  lineOf(span: Span): string {
    const { filename, start } = rangeOf(this.#source, this.#place(span));
    return `${filename}:${start.line}`;
  }

  /** After a problem in the item that began at token `start`: goes to the end of the line on which its brackets close. */
  recover(start: number): void {
    const reached = this.#at;
    this.#at = start;
    let open = 0;
    for (
      let token = this.#tokens[this.#at];
      token !== undefined && token.kind !== "end";
      token = this.#tokens[this.#at]
    ) {
      if (token.kind === "newline" && open <= 0 && this.#at >= reached) return;
      const change = bracketChange(token.kind);
      if (change < 0 && open <= 0 && this.#at >= reached && this.#at > start) return;
      open += change;
      this.#at++;
    }
  }

  /** What is wrong with a token that the lexer could not make sense of. */
  invalid(token: Token): SyntaxProblem {
    const text = this.text(token);
    const [summary, detail] = invalidText(text);
    return new SyntaxProblem(token, summary, detail);
  }
}

function invalidText(text: string): [summary: string, detail: string] {
  switch (text.charAt(0)) {
    case "/":
      return ["Unterminated comment", "There is no */ that ends this comment."];
    case "'":
      return ["Invalid character", 'Single quotes are not valid. Use double quotes (") to enclose strings.'];
    case "`":
      return [
        "Invalid character",
        'The "`" character is not valid. For text of several lines use a heredoc: <<EOT.',
      ];
    case ";":
      return [
        "Invalid character",
        'The ";" character is not valid. Use a line break to separate arguments and blocks.',
      ];
    case "\\":
      return [
        "Invalid escape sequence",
        "A backslash in quotes begins an escape such as \\n; for a backslash itself write \\\\.",
      ];
    case "&":
    case "|":
      return [
        "Unsupported operator",
        `Bitwise operators are not supported. Did you mean ${JSON.stringify(text.repeat(2))}?`,
      ];
    case "“":
    case "”":
      return [
        "Invalid character",
        'Curly quotes are not valid. Use straight quotes ("), which text editors for code write.',
      ];
    case "\ufffd":
      return ["Invalid character encoding", "The text is not valid UTF-8."];
    default:
      return ["Invalid character", `The character ${JSON.stringify(text)} is not used within the language.`];
  }
}
