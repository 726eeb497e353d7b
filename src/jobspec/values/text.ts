/** By code point, which is the order of the UTF-8 bytes; plain comparison in JavaScript goes by UTF-16 units. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const [left, right] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (left !== right)
      return isSurrogate(left) !== isSurrogate(right) ? Number(isSurrogate(left)) * 2 - 1 : left - right;
  }
  return a.length - b.length;
}

/** A half of a code point above all others but U+E000 to U+FFFF, which the order must put below. */
function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

let segmenter: Intl.Segmenter | undefined;

/** What a reader takes for characters: grapheme clusters. */
export function graphemes(text: string): string[] {
  if (isPlain(text)) return text.split("");
  segmenter ??= new Intl.Segmenter("und", { granularity: "grapheme" });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** ASCII without carriage returns, so that every unit is a character. */
function isPlain(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 127 || unit === 13) return false;
  }
  return true;
}

/** White space as Unicode's property White_Space has it. */
const space = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

export function leadingSpaceOf(text: string): string {
  let end = 0;
  while (end < text.length && space.test(text[end] ?? "")) end++;
  return text.slice(0, end);
}

export function withoutLeadingSpace(text: string): string {
  return text.slice(leadingSpaceOf(text).length);
}

export function withoutTrailingSpace(text: string): string {
  let end = text.length;
  while (end > 0 && space.test(text[end - 1] ?? "")) end--;
  return text.slice(0, end);
}
