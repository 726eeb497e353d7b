import { functionTable } from "#jobspec/functions/table.ts";
import type { Random } from "../../support/random.ts";

const functionNames = [...functionTable(null).keys()];

const operators = ["+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||"];

const literals = [
  ...["0", "1", "-1", "3.5", "1e9", "1e-9", "99999999999999999999", "true", "false", "null"],
  ...['""', '"a"', '"é"', '"1"', '"true"', '"10.0.0.0/8"', '"2026-01-01T00:00:00Z"', '"%s"', '"%d %v"'],
  ...['"{\\"a\\":[1]}"', '"a,b\\n1,2\\n"', '"YYYY"', '"(a|b)+"', '"👩‍👩‍👧"', "[]", "{}"],
];

const references = [
  ...["var.v0", "var.v1", "local.l0", "local.l1", "var", "local", "attr.x.y", "each.value", "x", "k", "v"],
  ...["NOMAD_PORT_http", "local.l0[0]", "local.l1.a", "var.v0[*].a", "local.l2.*.b"],
];

/** An expression of any form, up to a depth. */
export function expression(random: Random, depth: number): string {
  if (depth <= 0 || random.chance(0.3)) return random.pick(random.chance(0.75) ? literals : references);
  const inner = () => expression(random, depth - 1);
  const list = (most: number) => random.times(most, inner).join(", ");
  const forms: readonly (() => string)[] = [
    () => `${inner()} ${random.pick(operators)} ${inner()}`,
    () => `${random.pick(["!", "-"])}${inner()}`,
    () => `${inner()} ? ${inner()} : ${inner()}`,
    () => `(${inner()})`,
    () => `[${list(4)}]`,
    () =>
      `{\n${random.times(3, () => `${random.pick(["a", "b", "(x)", '"k k"'])} = ${inner()}\n`).join("")}}`,
    () => `[for x in ${inner()} : ${inner()}${random.chance(0.3) ? ` if ${inner()}` : ""}]`,
    () => `{for k, v in ${inner()} : ${inner()} => ${inner()}${random.chance(0.3) ? "..." : ""}}`,
    () => `${inner()}[${random.chance(0.3) ? "*" : inner()}]`,
    () => `${random.pick(functionNames)}(${list(3)}${random.chance(0.1) ? "..." : ""})`,
    () => `range(${random.pick(["5", "1000", "1024", "-3"])})`,
    () => template(random, depth - 1),
    () => `<<${random.pick(["", "-"])}EOT\n${templateText(random, depth - 1)}\nEOT\n`,
  ];
  return random.pick(forms)();
}

/** Text in quotes with what may stand in it. */
export function template(random: Random, depth: number): string {
  return `"${templateText(random, depth).replaceAll("\n", "\\n")}"`;
}

function templateText(random: Random, depth: number): string {
  const parts = random.times(3, () => {
    if (depth <= 0 || random.chance(0.4))
      return random.pick(["text", " ", "$", "%%{x}", "$${y}", "é", "\n", "~"]);
    const inner = expression(random, depth - 1).replaceAll("\n", " ");
    return random.pick([
      `\${${inner}}`,
      `\${~ ${inner} ~}`,
      `%{ if ${inner} }x%{ else }y%{ endif }`,
      `%{ for x in ${inner} ~}\${x}%{ endfor }`,
    ]);
  });
  return parts.join("");
}
