import { suggestion } from "#model/spelling.ts";
import type { AnyBlock, Content } from "../body/body.ts";
import { attributesOf, contentOf } from "../body/body.ts";
import { describe } from "../evaluate/describe.ts";
import type { Evaluation } from "../evaluate/scope.ts";
import { emptyScope, report } from "../evaluate/scope.ts";
import { readType } from "../evaluate/type-expression.ts";
import type { Attribute, Expression } from "../syntax/ast.ts";
import { parseTemplate } from "../syntax/parser.ts";
import type { Span } from "../syntax/source.ts";
import { ConversionError, convert } from "../values/convert.ts";
import type { Type } from "../values/type.ts";
import { stringType } from "../values/type.ts";
import type { Value } from "../values/value.ts";
import { typeOf, unknown } from "../values/value.ts";
import type { Validation } from "./validation.ts";
import { readValidation } from "./validation.ts";

/** A variable that the job file declares. */
export interface Declaration {
  readonly name: string;
  /** Null where neither a type nor a default says it. */
  readonly type: Type | null;
  readonly default: Value | null;
  readonly validations: readonly Validation[];
  readonly span: Span;
}

const arguments_ = ["description", "default", "type"];

/** Reads the `variable` and `variables` blocks. Nothing in them may call functions or refer to anything. */
export function readDeclarations(
  blocks: readonly AnyBlock[],
  evaluation: Evaluation,
): Map<string, Declaration> {
  const declarations = new Map<string, Declaration>();
  for (const block of blocks) {
    const found =
      block.type === "variable" ? [readVariable(block, evaluation)] : readVariables(block, evaluation);
    for (const declaration of found) {
      if (declarations.has(declaration.name)) {
        report(
          evaluation,
          declaration.span,
          "Duplicate variable",
          `There is already a variable named ${JSON.stringify(declaration.name)}.`,
        );
      } else {
        declarations.set(declaration.name, declaration);
      }
    }
  }
  return declarations;
}

/** `variables { name = default }` */
function readVariables(block: AnyBlock, evaluation: Evaluation): Declaration[] {
  return attributesOf(block.body, evaluation).map(({ name, nameSpan, expression }) => {
    const value = evaluation.evaluate(expression, emptyScope, evaluation);
    return { name, type: typeOf(value), default: value, validations: [], span: nameSpan };
  });
}

function readVariable(block: AnyBlock, evaluation: Evaluation): Declaration {
  const [label] = block.labels;
  const name = label?.text ?? "";
  if (!/^[\p{ID_Start}_][\p{ID_Continue}-]*$/u.test(name)) {
    report(
      evaluation,
      label ?? block.typeSpan,
      "Invalid variable name",
      "A name must start with a letter or underscore and may contain only letters, digits, underscores, and dashes.",
    );
  }
  const content = contentOf(block.body, (type) => (type === "validation" ? 0 : null), evaluation);
  checkNames(content, evaluation);
  const type = readDeclaredType(argument(content, "type"), block, evaluation);
  readDescription(argument(content, "description"), evaluation);
  const given = argument(content, "default")?.expression;
  const fallback = given === undefined ? null : readDefault(given, type, evaluation);
  const validations = content.blocks.flatMap(({ type: kind, typeSpan, body }) =>
    kind === "validation" ? [readValidation(name, typeSpan, body, evaluation)] : [],
  );
  return {
    name,
    type: type ?? (fallback && typeOf(fallback)),
    default: fallback,
    validations,
    span: label ?? block.typeSpan,
  };
}

function argument({ attributes }: Content, name: string): Attribute | undefined {
  return attributes.find((attribute) => attribute.name === name);
}

function checkNames({ attributes, blocks }: Content, evaluation: Evaluation): void {
  for (const { name, nameSpan } of attributes.filter(({ name }) => !arguments_.includes(name))) {
    report(
      evaluation,
      nameSpan,
      "Unsupported argument",
      `An argument named ${JSON.stringify(name)} is not expected here.${suggestion(name, arguments_)}`,
    );
  }
  for (const { type, typeSpan } of blocks.filter(({ type }) => type !== "validation")) {
    report(
      evaluation,
      typeSpan,
      "Unsupported block type",
      `Blocks of type ${JSON.stringify(type)} are not expected here.${suggestion(type, ["validation"])}`,
    );
  }
}

/** In JSON a type is text that holds an expression. */
function readDeclaredType(
  attribute: Attribute | undefined,
  { body }: AnyBlock,
  evaluation: Evaluation,
): Type | null {
  if (attribute === undefined) return null;
  const { expression } = attribute;
  const isText = expression.kind === "literal" && expression.value.kind === "string";
  if (body.form === "native" || !isText) return readType(expression, evaluation, "exact");
  const { value, diagnostics } = parseTemplate(
    evaluation.source,
    `\${${expression.value.text}}`,
    () => expression,
  );
  evaluation.diagnostics.push(...diagnostics);
  return diagnostics.length > 0 || value.kind !== "interpolation"
    ? null
    : readType(value.inner, evaluation, "exact");
}

function readDescription(attribute: Attribute | undefined, evaluation: Evaluation): void {
  if (attribute === undefined) return;
  const value = evaluation.evaluate(attribute.expression, emptyScope, evaluation);
  if (value.kind !== "unknown")
    fit(
      value,
      stringType,
      attribute.expression,
      "Unsuitable value",
      "The description must be text",
      evaluation,
    );
}

function readDefault(expression: Expression, type: Type | null, evaluation: Evaluation): Value {
  const value = evaluation.evaluate(expression, emptyScope, evaluation);
  const detail = "This default value is not compatible with the variable's type constraint";
  return type === null
    ? value
    : fit(value, type, expression, "Invalid default value for variable", detail, evaluation);
}

/** The value as one of the type; unknown when it does not fit, which is then reported. */
export function fit(
  value: Value,
  type: Type,
  at: Span,
  summary: string,
  detail: string,
  evaluation: Evaluation,
): Value {
  if (value.kind === "unknown") return value;
  try {
    return convert(value, type);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    report(evaluation, at, summary, `${detail}: ${error.message}.`, [
      { expression: "value", value: describe(value) },
    ]);
    return unknown;
  }
}
