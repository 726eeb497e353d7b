import assert from "node:assert/strict";
import { it } from "node:test";
import { parse } from "@cdktn/hcl2json";
import fc from "fast-check";
import type { Json } from "#model/schema/schema.ts";
import { Budget } from "./evaluate/budget.ts";
import { evaluate } from "./evaluate/evaluate.ts";
import type { Evaluation } from "./evaluate/scope.ts";
import { emptyScope } from "./evaluate/scope.ts";
import type { Body } from "./syntax/ast.ts";
import { parseBody } from "./syntax/parser.ts";
import { toJson } from "./values/to-json.ts";

/** A text in HCL, in the pieces that both readers understand alike: the other one leaves expressions as text. */
const name = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,6}$/).filter((word) => !keywords.includes(word));
const keywords = ["for", "if", "null", "true", "false", "in"];

const character = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(..."abc XYZ09.,:;()[]{}/*#'=<>|&!?-_") },
  fc.constantFrom("é", "e\u0301", "ß", "日本", "👩‍👩‍👧", "\u00a0", "ﬁ"),
  fc.constantFrom("\\n", "\\t", "\\r", '\\"', "\\\\", "\\u00e9", "\\U0001F600", "$", "%", "$$", "%%"),
);
const quoted = fc
  .array(character, { maxLength: 12 })
  .map((parts) => `"${parts.join("").replaceAll(/([$%])\{/g, "$1 {")}"`);
const number = fc.oneof(
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map(String),
  fc.tuple(fc.nat(9999), fc.nat(9999)).map(([whole, part]) => `${whole}.${part}`),
  fc.tuple(fc.nat(99), fc.integer({ min: -9, max: 9 })).map(([base, power]) => `${base}e${power}`),
);
const scalar = fc.oneof(quoted, number, fc.constantFrom("true", "false", "null"));
const line = fc.stringMatching(/^[ \t]{0,4}[a-zA-Z0-9 .,"\\'(){}[\]-]{0,10}$/);
const heredoc = fc
  .tuple(fc.constantFrom("<<", "<<-"), fc.array(line, { maxLength: 5 }), fc.stringMatching(/^ {0,4}$/))
  .map(([open, lines, indent]) => `${open}EOT\n${lines.map((text) => `${text}\n`).join("")}${indent}EOT`);
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }).map((items) => `[${items.join(", ")}]`),
    fc
      .array(fc.tuple(fc.oneof(name, quoted), tie("value")), { maxLength: 4 })
      .map((items) => `{\n${items.map(([key, item]) => `${key} = ${item}\n`).join("")}}`),
  ),
}));
const attributes = fc
  .uniqueArray(fc.tuple(name, fc.oneof(value, heredoc)), { selector: ([key]) => key, maxLength: 5 })
  .map((items) => items.map(([key, item]) => `${key} = ${item}\n`).join(""));
const block = fc
  .tuple(fc.constantFrom("block_one", "block_two"), fc.array(name, { maxLength: 2 }), attributes)
  .map(
    ([type, labels, content]) =>
      `${type} ${labels.map((label) => JSON.stringify(label)).join(" ")} {\n${content}}\n`,
  );
const text = fc
  .tuple(attributes, fc.array(block, { maxLength: 1 }))
  .map(([own, blocks]) => own + blocks.join(""));

function read(source: string): Json {
  const { value: body, diagnostics } = parseBody({ filename: "a.hcl", text: source });
  assert.deepEqual(diagnostics, [], source);
  return bodyToJson(body);
}

function bodyToJson(body: Body): Json {
  const evaluation: Evaluation = {
    source: { filename: "a.hcl", text: "" },
    functions: null,
    unknownNames: "keep",
    budget: new Budget(),
    diagnostics: [],
    evaluate,
  };
  const entries = body.attributes.map(({ name: key, expression }): [string, Json] => [
    key,
    toJson(evaluate(expression, emptyScope, evaluation)),
  ]);
  const blocks = body.blocks.map(({ type, labels, body: inner }): [string, Json] => [
    type,
    labels.reduceRight<Json>((content, label) => ({ [label.text]: content }), [bodyToJson(inner)]),
  ]);
  return Object.fromEntries([...entries, ...blocks]);
}

it("reads literals, heredocs and blocks as HashiCorp's own library does", async () => {
  await fc.assert(
    fc.asyncProperty(text, async (source) => {
      const expected = (await parse("a.hcl", source)) as Json;
      assert.deepEqual(read(source), JSON.parse(JSON.stringify(expected)), source);
    }),
    { numRuns: 300 },
  );
});
