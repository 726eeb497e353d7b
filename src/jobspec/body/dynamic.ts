import { expectElements } from "../evaluate/expect.ts";
import type { Evaluation, Scope } from "../evaluate/scope.ts";
import { report, within } from "../evaluate/scope.ts";
import type { Attribute, Expression, Label } from "../syntax/ast.ts";
import { ConversionError, convert } from "../values/convert.ts";
import { listOf, stringType } from "../values/type.ts";
import type { Value } from "../values/value.ts";
import { objectValue } from "../values/value.ts";
import type { AnyBlock, Content } from "./body.ts";
import { contentOf } from "./body.ts";

/** A block with the names that it may use. */
export interface ScopedBlock extends AnyBlock {
  readonly scope: Scope;
}

const arguments_ = ["for_each", "iterator", "labels"];

/**
 * The blocks of a body, those that a `dynamic` block stands for among them: one for each element of its `for_each`,
 * of the type that its label names.
 */
export function expandedBlocks(
  blocks: readonly AnyBlock[],
  scope: Scope,
  evaluation: Evaluation,
): ScopedBlock[] {
  return blocks.flatMap((block) =>
    block.type === "dynamic" ? expanded(block, scope, evaluation) : [{ ...block, scope }],
  );
}

function expanded(block: AnyBlock, scope: Scope, evaluation: Evaluation): ScopedBlock[] {
  const [type, ...others] = block.labels;
  if (type === undefined || others.length > 0) {
    report(
      evaluation,
      block.typeSpan,
      "Invalid dynamic block",
      'A dynamic block has one label, the type of the blocks that it makes: dynamic "port" { … }.',
    );
    return [];
  }
  const content = contentOf(block.body, (name) => (name === "content" ? 0 : null), evaluation);
  const made = contentBlock(block, content, evaluation);
  const each = argument(content, "for_each");
  if (each === undefined)
    report(
      evaluation,
      block.typeSpan,
      "Missing required argument",
      'The argument "for_each" is required in a dynamic block.',
    );
  if (made === null || each === undefined) return [];
  const elements = expectElements(each.expression, "dynamic block's for_each", scope, evaluation) ?? [];
  const iterator = iteratorName(content, type, evaluation);
  return elements.map(([key, value]) => {
    const turn = within(scope, [
      [
        iterator,
        objectValue([
          ["key", key],
          ["value", value],
        ]),
      ],
    ]);
    const labels = labelsOf(content, turn, evaluation);
    return {
      type: type.text,
      typeSpan: type,
      labels,
      body: made.body,
      scope: turn,
      start: block.start,
      end: block.end,
    };
  });
}

function argument({ attributes }: Content, name: string): Attribute | undefined {
  return attributes.find((attribute) => attribute.name === name);
}

function contentBlock(
  block: AnyBlock,
  { attributes, blocks }: Content,
  evaluation: Evaluation,
): AnyBlock | null {
  for (const { name, nameSpan } of attributes.filter(({ name }) => !arguments_.includes(name))) {
    report(
      evaluation,
      nameSpan,
      "Unsupported argument",
      `An argument named ${JSON.stringify(name)} is not expected here: a dynamic block has ${arguments_.join(", ")} and a content block.`,
    );
  }
  const [made, ...more] = blocks.filter(({ type }) => type === "content");
  for (const { type, typeSpan } of [...blocks.filter(({ type }) => type !== "content"), ...more]) {
    report(
      evaluation,
      typeSpan,
      "Unsupported block type",
      `A ${type} block is not expected here: a dynamic block has one content block.`,
    );
  }
  if (made === undefined)
    report(
      evaluation,
      block.typeSpan,
      "Missing content block",
      "A dynamic block needs a content block: what the blocks that it makes hold.",
    );
  return made ?? null;
}

/** By default the type of the blocks. */
function iteratorName(content: Content, type: Label, evaluation: Evaluation): string {
  const expression = argument(content, "iterator")?.expression;
  if (expression === undefined) return type.text;
  if (expression.kind === "reference" && expression.steps.length === 0) return expression.root;
  if (expression.kind === "literal" && expression.value.kind === "string") return expression.value.text;
  report(
    evaluation,
    expression,
    "Invalid dynamic iterator name",
    "An iterator's name is a plain word: iterator = item.",
  );
  return type.text;
}

function labelsOf(content: Content, scope: Scope, evaluation: Evaluation): Label[] {
  const expression = argument(content, "labels")?.expression;
  if (expression === undefined) return [];
  const value = evaluation.evaluate(expression, scope, evaluation);
  if (value.kind === "unknown") return [];
  try {
    return texts(convert(value, listOf(stringType)), expression);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    report(
      evaluation,
      expression,
      "Invalid dynamic block label",
      `The labels must be a list of texts: ${error.message}.`,
    );
    return [];
  }
}

function texts(value: Value, { start, end }: Expression): Label[] {
  if (value.kind !== "list") throw new ConversionError("a list is required");
  return value.items.map((item) => {
    if (item.kind !== "string") throw new ConversionError("a label must not be null");
    return { text: item.text, start, end };
  });
}
