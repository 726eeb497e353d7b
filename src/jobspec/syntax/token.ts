import type { Span } from "./source.ts";

/** A word of the language. Punctuation is its own kind. */
export interface Token extends Span {
  readonly kind: TokenKind;
}

export type TokenKind =
  | Punctuation
  | "identifier"
  | "number"
  | "comment"
  | "newline"
  /** `"` */
  | "open quote"
  | "close quote"
  /** `<<NAME` or `<<-NAME` with the end of its line */
  | "open heredoc"
  /** The line that ends it, without the end of that line. */
  | "close heredoc"
  /** Characters inside quotes, escapes and all. */
  | "quoted text"
  /** At most one line of a heredoc or of a bare template. */
  | "template text"
  /** `${` or `${~` */
  | "open interpolation"
  /** `%{` or `%{~` */
  | "open directive"
  /** `}` or `~}` that ends either */
  | "close template"
  /** A line break inside quotes, where there may be none. */
  | "quoted newline"
  | "invalid"
  | "end";

const opening: ReadonlySet<TokenKind> = new Set<TokenKind>([
  "{",
  "[",
  "(",
  "open interpolation",
  "open directive",
]);
const closing: ReadonlySet<TokenKind> = new Set<TokenKind>(["}", "]", ")", "close template"]);

/** What a token does to the depth of brackets. */
export function bracketChange(kind: TokenKind): number {
  return opening.has(kind) ? 1 : closing.has(kind) ? -1 : 0;
}

const punctuation = [
  "{",
  "}",
  "[",
  "]",
  "(",
  ")",
  "...",
  ".",
  ",",
  "=>",
  "==",
  "=",
  "!=",
  "!",
  "<=",
  "<",
  ">=",
  ">",
  "&&",
  "||",
  "?",
  "::",
  ":",
  "+",
  "-",
  "*",
  "/",
  "%",
] as const;

export type Punctuation = (typeof punctuation)[number];

const byFirst = Map.groupBy(punctuation, (text) => text[0]);

/** The longest punctuation that begins at `at`, or null. */
export function punctuationAt(text: string, at: number): Punctuation | null {
  return byFirst.get(text[at])?.find((candidate) => text.startsWith(candidate, at)) ?? null;
}
