/** The pieces of a template. Inside actions blanks are tokens of their own, because `.a .b` is not `.a.b`. */
export type TokenKind =
  | "text"
  | "left"
  | "right"
  | "space"
  | "identifier"
  /** `.name`; a lone dot is `dot`. */
  | "field"
  | "dot"
  /** `$` or `$name`. */
  | "variable"
  | "string"
  | "number"
  | "character"
  | "pipe"
  | "open"
  | "close"
  | "comma"
  | "declare"
  | "assign"
  | "end";

export interface Token {
  readonly kind: TokenKind;
  /** As written; of a text without what trim markers take away. */
  readonly text: string;
  readonly line: number;
}
