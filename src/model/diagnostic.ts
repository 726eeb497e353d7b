/** What is wrong, or unusual, with something that a user wrote: a job file, a request, a config entry. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** A few words, the same for every case of its kind. */
  readonly summary: string;
  /** Sentences: what is there, what was expected, what to do. */
  readonly detail: string;
  /** Where in the decoded value; enough to find the place in the source when there is one. */
  readonly path?: Path;
  readonly range?: SourceRange;
  /** The values of what an expression refers to, when that helps to see why it failed. */
  readonly values?: readonly ExpressionValue[];
}

/** Property names and list positions, from the root of a value: ["TaskGroups", 0, "Count"]. */
export type Path = readonly (string | number)[];

export interface SourceRange {
  readonly filename: string;
  readonly start: SourcePosition;
  /** Just behind the last character. */
  readonly end: SourcePosition;
}

export interface SourcePosition {
  /** From 1. */
  readonly line: number;
  /** From 1, in Unicode code points. */
  readonly column: number;
  /** From 0, in bytes of UTF-8. */
  readonly byte: number;
}

export interface ExpressionValue {
  readonly expression: string;
  readonly value: string;
}

export function errorAt(path: Path, summary: string, detail: string): Diagnostic {
  return { severity: "error", summary, detail, path };
}

export function warningAt(path: Path, summary: string, detail: string): Diagnostic {
  return { severity: "warning", summary, detail, path };
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === "error");
}

/** The diagnostics with the places of their paths, as far as these are known. */
export function located(
  diagnostics: readonly Diagnostic[],
  positionOf: (path: Path) => SourceRange | null,
): Diagnostic[] {
  return diagnostics.map((diagnostic) => {
    const range = diagnostic.range ?? positionOf(diagnostic.path ?? []);
    return range === null ? diagnostic : { ...diagnostic, range };
  });
}

/** In the order of the source, file by file as they came, and none twice. */
export function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const files = [...new Set(diagnostics.map(({ range }) => range?.filename))];
  const distinct = new Map(diagnostics.map((diagnostic) => [JSON.stringify(diagnostic), diagnostic]));
  return [...distinct.values()].sort(
    (a, b) =>
      files.indexOf(a.range?.filename) - files.indexOf(b.range?.filename) ||
      (a.range?.start.byte ?? 0) - (b.range?.start.byte ?? 0),
  );
}

/** TaskGroups[0].Tasks[1].Env["A b"] */
export function pathText(path: Path): string {
  return path.map(step).join("").replace(/^\./, "");
}

function step(key: string | number): string {
  if (typeof key === "number") return `[${key}]`;
  return /^\w+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
