import { FilterError } from "./filter.ts";

export interface Token {
  readonly kind: "word" | "text" | "number" | "sign" | "end";
  /** Without quotes. */
  readonly text: string;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
}

const longestFilter = 8192;

const patterns: readonly (readonly [Token["kind"] | "space", RegExp])[] = [
  ["space", /\s+/y],
  ["word", /\.?[A-Za-z_][\w/-]*(?:\.[A-Za-z_][\w/-]*)*/y],
  ["number", /-?\d+(?:\.\d+)?/y],
  ["text", /"(?:[^"\\]|\\.)*"|`[^`]*`/y],
  ["sign", /==|!=|[()[\]{},]/y],
];

export function tokensOf(source: string): readonly Token[] {
  if (source.length > longestFilter)
    throw new FilterError(`a filter has at most ${longestFilter} characters, not ${source.length}`);
  const tokens: Token[] = [];
  for (let at = 0; at < source.length; ) {
    const [kind, text] = tokenAt(source, at);
    if (kind !== "space")
      tokens.push({ kind, text: kind === "text" ? unquoted(text, at + 1) : text, column: at + 1 });
    at += text.length;
  }
  return [...tokens, { kind: "end", text: "", column: source.length + 1 }];
}

function tokenAt(source: string, at: number): readonly [Token["kind"] | "space", string] {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const [text] = pattern.exec(source) ?? [];
    if (text !== undefined) return [kind, text];
  }
  const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
  const unclosed = `"\``.includes(character);
  throw new FilterError(
    unclosed
      ? `column ${at + 1}: a text begins that has no end`
      : `column ${at + 1}: "${character}" is not expected here`,
  );
}

/** Within backticks everything stands for itself; within quotes, what JSON's escapes say. */
function unquoted(text: string, column: number): string {
  if (text.startsWith("`")) return text.slice(1, -1);
  try {
    return JSON.parse(text.replaceAll("\n", "\\n").replaceAll("\t", "\\t")) as string;
  } catch {
    throw new FilterError(`column ${column}: ${text} has an escape that is not known`);
  }
}
