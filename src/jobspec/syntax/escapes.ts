/** A part of a text that is no escape although it looks like one. */
export interface BadEscape {
  /** From the start of the text. */
  readonly offset: number;
  readonly text: string;
}

const anyEscape = /\\(?:[nrt"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[\s\S])|[$%]{2}\{/g;
const sequenceEscape = /[$%]{2}\{/g;

const plain: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };

/** The characters that a text of a heredoc stands for: only `$${` and `%%{` are escapes there. */
export function unescapedTemplate(text: string): string {
  return text.includes("{") ? text.replaceAll(sequenceEscape, (found) => found.slice(1)) : text;
}

/** The characters that a text in quotes stands for. */
export function unescapedQuoted(text: string): string | BadEscape {
  if (!text.includes("\\") && !text.includes("{")) return text;
  let bad: BadEscape | null = null;
  const result = text.replaceAll(anyEscape, (found, offset: number) => {
    if (!found.startsWith("\\")) return found.slice(1);
    const character = plain[found[1] ?? ""] ?? codePoint(found);
    if (character === null) bad ??= { offset, text: found };
    return character ?? "";
  });
  return bad ?? result;
}

function codePoint(found: string): string | null {
  const code = found.length > 2 ? Number.parseInt(found.slice(2), 16) : Number.NaN;
  const isCharacter = code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : null;
}
