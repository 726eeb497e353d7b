import type { Diagnostic, Path, SourceRange } from "#model/diagnostic.ts";
import { hasErrors } from "#model/diagnostic.ts";
import type { Input, ObjectSchema, Value } from "#model/schema/schema.ts";
import { type AnyBody, contentOf } from "./body/body.ts";
import { Positions } from "./body/positions.ts";
import { decodeBody } from "./decode/decode-body.ts";
import { lenientName } from "./decode/names.ts";
import { parseDocument } from "./document.ts";
import { Budget } from "./evaluate/budget.ts";
import { evaluate } from "./evaluate/evaluate.ts";
import type { Evaluation } from "./evaluate/scope.ts";
import { emptyScope } from "./evaluate/scope.ts";
import { rangeOf, type Source } from "./syntax/source.ts";
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
 * values, as in HCL's first version. Expressions may calculate, but neither call functions nor refer to anything: `${ }` around a name stays.
 */
export function decodeHcl<S extends ObjectSchema>(
  schema: S,
  filename: string,
  text: string,
): DecodedHcl<Value<S>> {
  const { evaluation, body } = parsed({ filename, text });
  const { diagnostics, source } = evaluation;
  const positions = new Positions(source);
  const decoding = { evaluation, positions, lenient: true };
  const read =
    body === null || hasErrors(diagnostics)
      ? null
      : withinBudget(evaluation, () => decodeBody(schema, body, { start: 0, end: 0 }, emptyScope, decoding));
  const value = hasErrors(diagnostics) ? null : (read as Input<Value<S>> | null);
  return { value, diagnostics, positionOf: (path) => positions.find(value, path) };
}

export interface TextAttribute {
  readonly text: string | null;
  readonly range: SourceRange | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** What such a text gives the attribute `name`, however it spells that; null where it gives no text. */
export function textAttribute(name: string, filename: string, text: string): TextAttribute {
  const source = { filename, text };
  const { evaluation, body } = parsed(source);
  const { diagnostics } = evaluation;
  const wanted = lenientName(name);
  const attributes = body === null ? [] : contentOf(body, () => null, evaluation).attributes;
  const found = attributes.find((attribute) => lenientName(attribute.name) === wanted);
  if (found === undefined) return { text: null, range: null, diagnostics };
  const value = withinBudget(evaluation, () => evaluate(found.expression, emptyScope, evaluation));
  const read = value?.kind === "string" ? value.text : null;
  return { text: read, range: rangeOf(source, found), diagnostics };
}

function parsed(source: Source): { readonly evaluation: Evaluation; readonly body: AnyBody | null } {
  const diagnostics: Diagnostic[] = [];
  const evaluation: Evaluation = {
    source,
    functions: null,
    unknownNames: "keep",
    budget: new Budget(),
    diagnostics,
    evaluate,
  };
  return { evaluation, body: parseDocument(source, diagnostics, "first") };
}
