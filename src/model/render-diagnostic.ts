import type { Diagnostic, SourceRange } from "./diagnostic.ts";
import { pathText } from "./diagnostic.ts";

export interface RenderOptions {
  /** The texts that ranges refer to, by file name; of others only the place is given. */
  readonly sources?: ReadonlyMap<string, string>;
  /** With escape sequences of terminals. */
  readonly color?: boolean;
}

const styles = {
  error: "\x1b[1;31m",
  warning: "\x1b[1;33m",
  place: "\x1b[1m",
  mark: "\x1b[31m",
  end: "\x1b[0m",
};

type Paint = (style: keyof typeof styles, text: string) => string;

/**
 * A diagnostic for people: its place, what it is about, the lines of the source with the part underlined, and what
 * was expected.
 */
export function renderDiagnostic(diagnostic: Diagnostic, options: RenderOptions = {}): string {
  const paint: Paint = (style, text) => (options.color ? `${styles[style]}${text}${styles.end}` : text);
  const { severity, summary, detail, range, values = [] } = diagnostic;
  const head = `${placeOf(diagnostic, paint)}${paint(severity, `${severity}:`)} ${summary}`;
  const text = range === undefined ? undefined : options.sources?.get(range.filename);
  const excerpt = range === undefined || text === undefined ? [] : excerptOf(range, text, paint);
  const known = values.map(({ expression, value }) => `  ${expression} is ${value}`);
  return [head, ...excerpt, `  ${bounded(detail)}`, ...known].join("\n");
}

const longestDetail = 2000;

/** A name in a message may be as long as the text that it is from. */
function bounded(detail: string): string {
  return detail.length > longestDetail ? `${detail.slice(0, longestDetail)}…` : detail;
}

function placeOf({ range, path }: Diagnostic, paint: Paint): string {
  if (range !== undefined)
    return paint("place", `${range.filename}:${range.start.line}:${range.start.column}:`).concat(" ");
  return path === undefined || path.length === 0 ? "" : `${paint("place", `${pathText(path)}:`)} `;
}

const mostLines = 3;
const longestLine = 160;

function excerptOf({ start, end }: SourceRange, text: string, paint: Paint): string[] {
  const lines = text.split("\n");
  const last = Math.min(
    end.column === 1 && end.line > start.line ? end.line - 1 : end.line,
    start.line + mostLines - 1,
  );
  const width = String(last).length;
  const excerpt: string[] = [];
  for (let line = start.line; line <= last; line++) {
    const characters = [...(lines[line - 1] ?? "").replace(/\r$/, "")];
    const from =
      line === start.line ? start.column - 1 : characters.findIndex((character) => character.trim() !== "");
    const to = line === end.line ? end.column - 1 : characters.length;
    excerpt.push(`  ${String(line).padStart(width)} | ${shortened(characters)}`);
    excerpt.push(`  ${" ".repeat(width)} | ${underline(characters, Math.max(from, 0), to, paint)}`);
  }
  return excerpt;
}

function shortened(characters: readonly string[]): string {
  return characters.length > longestLine
    ? `${characters.slice(0, longestLine).join("")}…`
    : characters.join("");
}

/** Tabs stay tabs, so that the marks stand below what they mark. */
function underline(characters: readonly string[], from: number, to: number, paint: Paint): string {
  const before = characters
    .slice(0, Math.min(from, longestLine))
    .map((character) => (character === "\t" ? "\t" : " "));
  const count = Math.max(1, Math.min(to, longestLine) - from);
  return before.join("") + paint("mark", "^".repeat(count));
}
