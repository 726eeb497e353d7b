import type { Diagnostic, Path, SourceRange } from "#model/diagnostic.ts";
import { hasErrors } from "#model/diagnostic.ts";
import type { Input, ObjectSchema, Value } from "#model/schema/schema.ts";
import { Positions } from "./body/positions.ts";
import { decodeBody } from "./decode/decode-body.ts";
import { parseDocument } from "./document.ts";
import { Budget } from "./evaluate/budget.ts";
import { evaluate } from "./evaluate/evaluate.ts";
import type { Evaluation } from "./evaluate/scope.ts";
import { emptyScope } from "./evaluate/scope.ts";
import { withinBudget } from "./within-budget.ts";

export interface DecodedHcl<T> {
  /** Null when there are errors. */
  readonly value: Input<T> | null;
  readonly diagnostics: readonly Diagnostic[];
  /** Where a part of the value stands in the source, or the nearest part around it that the source has. */
  readonly positionOf: (path: Path) => SourceRange | null;
}

/**
 * Reads a text in HCL or its JSON form that is one object of the schema, such as a config entry. Names may be
 * written as the schema's (`ConnectTimeout`) or with underscores (`connect_timeout`), and objects as blocks or as
 * values. Expressions may calculate, but neither call functions nor refer to anything: `${ }` around a name stays.
 */
export function decodeHcl<S extends ObjectSchema>(
  schema: S,
  filename: string,
  text: string,
): DecodedHcl<Value<S>> {
  const source = { filename, text };
  const diagnostics: Diagnostic[] = [];
  const positions = new Positions(source);
  const evaluation: Evaluation = {
    source,
    functions: null,
    unknownNames: "keep",
    budget: new Budget(),
    diagnostics,
    evaluate,
  };
  const body = parseDocument(source, diagnostics);
  const decoding = { evaluation, positions, lenient: true };
  const read =
    body === null || hasErrors(diagnostics)
      ? null
      : withinBudget(evaluation, () => decodeBody(schema, body, { start: 0, end: 0 }, emptyScope, decoding));
  const value = hasErrors(diagnostics) ? null : (read as Input<Value<S>> | null);
  return { value, diagnostics, positionOf: (path) => positions.find(value, path) };
}
