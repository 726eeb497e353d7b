import type { Diagnostic } from "#model/diagnostic.ts";
import type { Expression } from "../syntax/ast.ts";
import type { Source, Span } from "../syntax/source.ts";
import { rangeOf } from "../syntax/source.ts";
import type { Value } from "../values/value.ts";
import type { Budget } from "./budget.ts";
import type { FunctionTable } from "./function.ts";

/** The names that an expression may use, in layers: the iterators of `for` and `dynamic` over those of the file. */
export interface Scope {
  readonly names: ReadonlyMap<string, Value>;
  readonly outer: Scope | null;
}

export const emptyScope: Scope = { names: new Map(), outer: null };

export function within(outer: Scope, names: Iterable<readonly [string, Value]>): Scope {
  return { names: new Map(names), outer };
}

export function lookUp(scope: Scope, name: string): Value | undefined {
  for (let layer: Scope | null = scope; layer !== null; layer = layer.outer) {
    const value = layer.names.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** What the evaluation of one text needs beside its names. */
export interface Evaluation {
  /** Gives the value of an expression; parts of the evaluator evaluate what they are made of by it. */
  readonly evaluate: (expression: Expression, scope: Scope, evaluation: Evaluation) => Value;
  readonly source: Source;
  /** Null where functions may not be called. */
  readonly functions: FunctionTable | null;
  /** References to unknown names stay as text for whoever interpolates later, or are mistakes. */
  readonly unknownNames: "keep" | "refuse";
  readonly budget: Budget;
  readonly diagnostics: Diagnostic[];
}

const mostDiagnostics = 50;

/** Reports something that is allowed, but not as it seems. */
export function warn({ source, diagnostics }: Evaluation, span: Span, summary: string, detail: string): void {
  if (diagnostics.length >= mostDiagnostics) return;
  diagnostics.push({ severity: "warning", summary, detail, range: rangeOf(source, span) });
}

export function report(
  { source, diagnostics }: Evaluation,
  span: Span,
  summary: string,
  detail: string,
  values: Diagnostic["values"] = [],
): void {
  if (diagnostics.length >= mostDiagnostics) return;
  const range = rangeOf(source, span);
  diagnostics.push({ severity: "error", summary, detail, range, ...(values.length > 0 && { values }) });
}
