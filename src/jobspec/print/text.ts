/** A reference that stays text when it is read: its root is none that the language knows. */
const kept =
  /^\$\{\s*(?!(?:var|local|true|false|null)\b)[\p{ID_Start}_][\p{ID_Continue}-]*(?:\.[\p{ID_Start}_][\p{ID_Continue}-]*|\[(?:\d+|"[^"\\$%\r\n]*")\])*\s*\}/u;

const controls: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  '"': '\\"',
  "\\": "\\\\",
};

/** The text in quotes. */
export function quoted(text: string): string {
  return `"${outsideReferences(text, (part) => part.replaceAll(/["\\\p{Cc}]/gu, escaped))}"`;
}

/** The same for a block's label, which is taken as it is: nothing in it refers to anything. */
export function quotedLabel(text: string): string {
  return `"${text.replaceAll(/["\\\p{Cc}]/gu, escaped).replaceAll(/([$%])\{/g, "$1$1{")}"`;
}

/** The text as a heredoc; null where it cannot be one. */
export function heredoc(text: string): string | null {
  const isLines =
    text.endsWith("\n") && text.length > 1 && !/[\r\p{Cc}]/u.test(text.replaceAll(/[\n\t]/g, ""));
  if (!isLines) return null;
  const lines = text.split("\n").map((line) => line.trim());
  const marker = ["EOT", "EOF", "END", "TEXT"].find((candidate) => !lines.includes(candidate));
  return marker === undefined ? null : `<<${marker}\n${outsideReferences(text, (part) => part)}${marker}`;
}

function escaped(character: string): string {
  return controls[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** What begins with `${` or `%{` and is no such reference is escaped by doubling its first character. */
function outsideReferences(text: string, written: (part: string) => string): string {
  let result = "";
  let rest = text;
  for (let at = rest.search(/[$%]\{/); at >= 0; at = rest.search(/[$%]\{/)) {
    const reference = kept.exec(rest.slice(at))?.[0];
    const before = rest.slice(0, at);
    // A character that doubles the next one would escape what should not be escaped.
    const isDoubled = before.endsWith(rest[at] ?? "");
    const raw = reference !== undefined && !isDoubled;
    result += written(before) + (raw ? reference : `${rest[at]}${rest[at]}{`);
    rest = rest.slice(at + (raw ? reference.length : 2));
  }
  return result + written(rest);
}

export function isIdentifier(name: string): boolean {
  return /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u.test(name);
}
