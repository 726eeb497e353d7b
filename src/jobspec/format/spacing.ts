import { bracketChange, type TokenKind } from "../syntax/token.ts";

const insideText: ReadonlySet<TokenKind> = new Set<TokenKind>(["quoted text", "template text"]);
const beforeText: ReadonlySet<TokenKind> = new Set<TokenKind>(["open quote", "open heredoc"]);
const afterText: ReadonlySet<TokenKind> = new Set<TokenKind>(["close quote", "close heredoc"]);

/** Behind these, a minus belongs to what follows. */
const beforeSign: ReadonlySet<TokenKind> = new Set<TokenKind>([
  ...(["(", "{", "[", "=", ":", ",", "?", "+", "*", "/", "%", "-", "=="] as const),
  ...(["!=", ">", ">=", "<", "<=", "&&", "||", "!"] as const),
]);

/** A token as far as the spaces round it depend on it. */
export interface SpacedToken {
  readonly kind: TokenKind;
  readonly text: string;
}

type Rule = (token: SpacedToken, after: SpacedToken, before: SpacedToken | null) => boolean | null;

const isText = (kind: TokenKind, edges: ReadonlySet<TokenKind>) => insideText.has(kind) || edges.has(kind);

/** Whether a space stands between two tokens of a line; the first rule that knows decides. */
const rules: readonly Rule[] = [
  (token, after) => (token.kind === "identifier" && after.kind === "(" ? false : null),
  (token, after) => (token.kind === "::" || after.kind === "::" ? false : null),
  (token, after) => (token.kind === "." || after.kind === "." ? false : null),
  (_, after) => (after.kind === "," || after.kind === "..." ? false : null),
  (token) => (token.kind === "," ? true : null),
  (token, after) => (isText(token.kind, beforeText) || isText(after.kind, afterText) ? false : null),
  (token, _, before) => (token.text === "in" && before?.kind === "identifier" ? true : null),
  (token, after) => (after.kind === "[" && isIndexed(token.kind) ? false : null),
  (token) => (token.kind === "!" ? false : null),
  (token, _, before) => (token.kind === "-" ? before !== null && !beforeSign.has(before.kind) : null),
  (token, after) =>
    token.kind === "{" || after.kind === "}" ? token.kind !== "{" || after.kind !== "}" : null,
  (token, after) => (isOpened(token.kind) && after.kind === "{" ? true : null),
  (token, after) => (token.kind === "}" && after.kind === "close template" ? true : null),
  (token, after) => (token.kind === "close template" && isOpened(after.kind) ? false : null),
  (token, after) => (bracketChange(token.kind) > 0 || bracketChange(after.kind) < 0 ? false : null),
];

function isIndexed(kind: TokenKind): boolean {
  return kind === "identifier" || kind === "number" || bracketChange(kind) < 0;
}

function isOpened(kind: TokenKind): boolean {
  return kind === "open interpolation" || kind === "open directive";
}

export function spaceBetween(token: SpacedToken, after: SpacedToken, before: SpacedToken | null): boolean {
  for (const rule of rules) {
    const decided = rule(token, after, before);
    if (decided !== null) return decided;
  }
  return true;
}
