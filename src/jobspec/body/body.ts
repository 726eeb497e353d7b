import { suggestion } from "#model/spelling.ts";
import type { Evaluation } from "../evaluate/scope.ts";
import { report } from "../evaluate/scope.ts";
import type { Attribute, Body, Label } from "../syntax/ast.ts";
import type { JsonMember, JsonNode, JsonObject } from "../syntax/json-parser.ts";
import type { Span } from "../syntax/source.ts";
import { jsonExpression } from "./json-expression.ts";

/** The content of a file or a block, in either syntax. */
export type AnyBody = Body | JsonBody;

/** What stands for a body in JSON: an object, or several that count as one. */
export interface JsonBody extends Span {
  readonly form: "json";
  readonly objects: readonly JsonObject[];
}

export interface AnyBlock extends Span {
  readonly type: string;
  readonly typeSpan: Span;
  readonly labels: readonly Label[];
  readonly body: AnyBody;
}

export interface Content {
  readonly attributes: readonly Attribute[];
  readonly blocks: readonly AnyBlock[];
}

/** How many labels a block of that type has; null where the name is none of a block. */
export type LabelCount = (name: string) => number | null;

/**
 * The attributes and blocks of a body. Native syntax shows which is which; in JSON the reader must know, and
 * `labelCount` says it.
 */
export function contentOf(body: AnyBody, labelCount: LabelCount, evaluation: Evaluation): Content {
  if (body.form === "native") return body;
  const attributes = new Map<string, Attribute>();
  const blocks: AnyBlock[] = [];
  for (const member of body.objects.flatMap(({ members }) => members)) {
    const labels = labelCount(member.name.text);
    if (isComment(member)) continue;
    if (labels !== null) blocks.push(...jsonBlocks(member, labels, evaluation));
    else addAttribute(attributes, member, evaluation);
  }
  return { attributes: [...attributes.values()], blocks };
}

/** All of a body as attributes, where there are no blocks by nature. */
export function attributesOf(body: AnyBody, evaluation: Evaluation): readonly Attribute[] {
  const { attributes, blocks } = contentOf(body, () => null, evaluation);
  for (const { type, typeSpan } of blocks) {
    const detail = `Blocks are not allowed here: write ${type} = … to set a value.${suggestion(type, [])}`;
    report(evaluation, typeSpan, "Unexpected block", detail);
  }
  return attributes;
}

function isComment({ name }: JsonMember): boolean {
  return name.text === "//";
}

function addAttribute(
  attributes: Map<string, Attribute>,
  { name, value }: JsonMember,
  evaluation: Evaluation,
): void {
  const span = { start: name.start, end: value.end };
  if (attributes.has(name.text)) {
    report(
      evaluation,
      name,
      "Attribute redefined",
      `The argument ${JSON.stringify(name.text)} was already set. Each argument may be set only once.`,
    );
    return;
  }
  attributes.set(name.text, {
    name: name.text,
    nameSpan: name,
    expression: jsonExpression(value, evaluation),
    ...span,
  });
}

function jsonBlocks({ name, value }: JsonMember, labels: number, evaluation: Evaluation): AnyBlock[] {
  const found: AnyBlock[] = [];
  const collect = (node: JsonNode, taken: readonly Label[], missing: number): void => {
    if (node.kind === "array") {
      for (const item of node.items) collect(item, taken, missing);
    } else if (node.kind === "object" && missing === 0) {
      const body: JsonBody = { form: "json", objects: [node], start: node.start, end: node.end };
      found.push({ type: name.text, typeSpan: name, labels: taken, body, start: name.start, end: node.end });
    } else if (node.kind === "object") {
      for (const member of node.members) {
        const label = { text: member.name.text, start: member.name.start, end: member.name.end };
        if (!isComment(member)) collect(member.value, [...taken, label], missing - 1);
      }
    } else if (node.kind !== "constant" || node.value !== null) {
      const what =
        missing > 0
          ? "An object is required whose names are the labels of the blocks"
          : "An object is required, or an array of objects";
      report(
        evaluation,
        node,
        "Incorrect JSON value type",
        `${what}: this is a ${JSON.stringify(name.text)} block.`,
      );
    }
  };
  collect(value, [], labels);
  return found;
}
