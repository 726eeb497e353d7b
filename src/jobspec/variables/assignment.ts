import type { Diagnostic } from "#model/diagnostic.ts";
import { suggestion } from "#model/spelling.ts";
import { attributesOf } from "../body/body.ts";
import { parseDocument } from "../document.ts";
import type { FunctionTable } from "../evaluate/function.ts";
import type { Evaluation } from "../evaluate/scope.ts";
import { emptyScope, report } from "../evaluate/scope.ts";
import { parseExpression } from "../syntax/parser.ts";
import type { Source, Span } from "../syntax/source.ts";
import type { Value } from "../values/value.ts";
import { stringValue, unknown } from "../values/value.ts";
import type { Declaration } from "./declaration.ts";
import { fit } from "./declaration.ts";
import { checkValidations } from "./validation.ts";

/** From where variables get their values; the later ones win. */
export interface VariableSources {
  /** Of the process: NOMAD_VAR_name sets a variable that is declared, others are left alone. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly files: readonly { readonly filename: string; readonly source: string }[];
  /** As given on the command line: name and text. */
  readonly arguments: Readonly<Record<string, string>>;
}

const environmentPrefix = "NOMAD_VAR_";

interface Assignment {
  readonly value: Value;
  readonly span: Span;
  readonly evaluation: Evaluation;
}

/** The values of all declared variables. */
export function assignVariables(
  declarations: ReadonlyMap<string, Declaration>,
  sources: VariableSources,
  functions: FunctionTable,
  evaluation: Evaluation,
): Map<string, Value> {
  const assignments = new Map<string, Assignment>();
  fromEnvironment(declarations, sources, assignments, evaluation);
  for (const { filename, source } of sources.files)
    fromFile({ filename, text: source }, declarations, assignments, evaluation);
  fromArguments(declarations, sources, assignments, evaluation);
  return new Map(
    Array.from(declarations, ([name, declaration]) => [
      name,
      settled(declaration, assignments.get(name), functions, evaluation),
    ]),
  );
}

function settled(
  declaration: Declaration,
  assignment: Assignment | undefined,
  functions: FunctionTable,
  evaluation: Evaluation,
): Value {
  const { name, span, validations } = declaration;
  const value = assignment?.value ?? declaration.default;
  if (value === null) {
    report(
      evaluation,
      span,
      "Unset variable",
      `The variable ${JSON.stringify(name)} has no value: set it with -var ${name}=…, in a file given by -var-file, as ${environmentPrefix}${name} in the environment, or give it a default.`,
    );
    return unknown;
  }
  if (value.kind !== "unknown")
    checkValidations(name, validations, value, assignment ?? { span, evaluation }, functions, evaluation);
  return value;
}

/** Text given for one variable: taken as it is for texts and numbers, read as an expression for anything else. */
function fromText(
  filename: string,
  text: string,
  declaration: Declaration,
  evaluation: Evaluation,
): Assignment {
  const source: Source = { filename, text };
  const own = { ...evaluation, source };
  const span = { start: 0, end: text.length };
  const { type, name } = declaration;
  const isRaw = type === null || type.kind === "string" || type.kind === "number";
  const value = isRaw ? stringValue(text) : evaluatedText(source, own);
  return {
    value: fitted(
      value,
      declaration,
      span,
      `The value for ${name} is not compatible with the variable's type constraint`,
      own,
    ),
    span,
    evaluation: own,
  };
}

function evaluatedText(source: Source, evaluation: Evaluation): Value {
  const { value, diagnostics } = parseExpression(source);
  evaluation.diagnostics.push(...diagnostics);
  return evaluation.evaluate(value, emptyScope, evaluation);
}

function fitted(
  value: Value,
  { type }: Declaration,
  span: Span,
  detail: string,
  evaluation: Evaluation,
): Value {
  return type === null ? value : fit(value, type, span, "Invalid value for variable", detail, evaluation);
}

function fromEnvironment(
  declarations: ReadonlyMap<string, Declaration>,
  { environment }: VariableSources,
  assignments: Map<string, Assignment>,
  evaluation: Evaluation,
): void {
  for (const [name, declaration] of declarations) {
    const text = environment[`${environmentPrefix}${name}`];
    if (text !== undefined)
      assignments.set(name, fromText(`<value for var.${name} from env>`, text, declaration, evaluation));
  }
}

function fromArguments(
  declarations: ReadonlyMap<string, Declaration>,
  { arguments: given }: VariableSources,
  assignments: Map<string, Assignment>,
  evaluation: Evaluation,
): void {
  for (const [name, text] of Object.entries(given)) {
    const declaration = declarations.get(name);
    const filename = `<value for var.${name} from arguments>`;
    if (declaration !== undefined) {
      assignments.set(name, fromText(filename, text, declaration, evaluation));
      continue;
    }
    const source = { ...evaluation, source: { filename, text } };
    const detail = `A ${JSON.stringify(name)} variable was passed in the command line but was not found in known variables.${suggestion(name, declarations.keys())}`;
    report(source, { start: 0, end: text.length }, "Undefined -var variable", detail);
  }
}

function fromFile(
  source: Source,
  declarations: ReadonlyMap<string, Declaration>,
  assignments: Map<string, Assignment>,
  evaluation: Evaluation,
): void {
  const own = { ...evaluation, source };
  const problems: Diagnostic[] = [];
  const body = parseDocument(source, problems);
  evaluation.diagnostics.push(...problems);
  if (body === null || problems.length > 0) return;
  for (const { name, nameSpan, expression } of attributesOf(body, own)) {
    const declaration = declarations.get(name);
    if (declaration === undefined) {
      const detail = `A ${JSON.stringify(name)} variable was set but was not found in known variables: declare it in the job file, as variable ${JSON.stringify(name)} {}.${suggestion(name, declarations.keys())}`;
      report(own, nameSpan, "Undefined variable", detail);
      continue;
    }
    const detail = `The value for ${name} is not compatible with the variable's type constraint`;
    const value = fitted(own.evaluate(expression, emptyScope, own), declaration, expression, detail, own);
    assignments.set(name, { value, span: expression, evaluation: own });
  }
}
