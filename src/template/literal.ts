/** Literals as Go writes them. */
const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

const ESCAPE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|(.))/gs;

/** A text in double quotes or backquotes. */
export function textOf(literal: string): string {
  const inner = literal.slice(1, -1);
  return literal.startsWith("`") ? inner.replaceAll("\r", "") : unescaped(inner);
}

/** A character in single quotes is its number. */
export function characterOf(literal: string): number {
  return unescaped(literal.slice(1, -1)).codePointAt(0) ?? 0;
}

export function numberOf(literal: string): number {
  const text = literal.replaceAll("_", "");
  const sign = text.startsWith("-") ? -1 : 1;
  return sign * Number(text.replace(/^[+-]/, ""));
}

function unescaped(text: string): string {
  return text.replaceAll(
    ESCAPE,
    (_, hex?: string, short?: string, long?: string, octal?: string, other?: string) => {
      const code = hex ?? short ?? long;
      if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      return ESCAPES[other ?? ""] ?? other ?? "";
    },
  );
}
