import { stripVTControlCharacters } from "node:util";

/** Rows in columns that line up, two spaces apart; the first row is the heading. Empty cells show `<none>`. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const filled = rows.map((row) => row.map((cell) => (cell === "" ? "<none>" : cell)));
  return align([heading, ...filled]);
}

/** `Name = value` lines whose equal signs line up. */
export function properties(pairs: readonly (readonly [name: string, value: string])[]): string[] {
  const width = Math.max(0, ...pairs.map(([name]) => widthOf(name)));
  return pairs.map(([name, value]) => `${pad(name, width)} = ${value === "" ? "<none>" : value}`);
}

function align(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, widthOf(cell));
    });
  }
  return rows.map((row) =>
    row
      .map((cell, i) => pad(cell, widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function widthOf(text: string): number {
  const plain = stripVTControlCharacters(text);
  // Intl.Segmenter is slow to make and to use; nearly all text is ASCII.
  return /^[\x20-\x7e]*$/.test(plain) ? plain.length : [...new Intl.Segmenter().segment(plain)].length;
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}
