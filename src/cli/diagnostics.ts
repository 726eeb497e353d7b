import { type Diagnostic, pathText, type SourceRange } from "#model/diagnostic.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Diagnostics as people read them: what is wrong, at which place, the line with the part underlined, and what to
 * do. `sources`: the texts by file name.
 */
export function diagnosticLines(
  terminal: Terminal,
  diagnostics: readonly Diagnostic[],
  sources: Readonly<Record<string, string>>,
): string[] {
  return diagnostics.flatMap((diagnostic) => [...lines(terminal, diagnostic, sources), ""]);
}

function lines(
  terminal: Terminal,
  diagnostic: Diagnostic,
  sources: Readonly<Record<string, string>>,
): string[] {
  const { severity, summary, detail, range, path = [], values = [] } = diagnostic;
  const colour = severity === "error" ? "red" : "yellow";
  const title = `${severity === "error" ? "Error" : "Warning"}: ${summary}`;
  return [
    terminal.style([colour, "bold"], title),
    ...(range === undefined
      ? path.length > 0
        ? [`  at ${pathText(path)}`]
        : []
      : place(terminal, colour, range, sources)),
    `  ${detail}`,
    ...values.map(({ expression, value }) => `  ${expression} is ${value}`),
  ];
}

function place(
  terminal: Terminal,
  colour: "red" | "yellow",
  { filename, start, end }: SourceRange,
  sources: Readonly<Record<string, string>>,
): string[] {
  const where = `  at ${filename}:${start.line}:${start.column}`;
  const line = sources[filename]?.split("\n")[start.line - 1]?.replace(/\r$/, "");
  if (line === undefined) return [where];
  const number = String(start.line);
  const last = end.line === start.line ? end.column : [...line].length + 1;
  // Tabs stay tabs, so that the mark stands under what it marks however wide they are shown.
  const before = [...line]
    .slice(0, start.column - 1)
    .join("")
    .replace(/[^\t]/g, " ");
  const mark = terminal.style(colour, "^".repeat(Math.max(1, last - start.column)));
  return [where, `  ${number} | ${line}`, `  ${" ".repeat(number.length)} | ${before}${mark}`];
}
