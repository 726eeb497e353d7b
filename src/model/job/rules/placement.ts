import { regexpProblem } from "../../regexp/regexp.ts";
import type { Finding, Rule } from "../../schema/check.ts";
import { rule } from "../../schema/check.ts";
import { versionConstraintProblem } from "../../version.ts";
import { affinity, constraint, spread } from "../constraint.ts";

export const placementRules: readonly Rule[] = [
  rule(
    constraint,
    "LTarget",
    ({ LTarget, Operand }) =>
      LTarget === "" &&
      Operand !== "distinct_hosts" &&
      `No attribute provided but is required by operator ${JSON.stringify(Operand)}.`,
  ),
  rule(constraint, "LTarget", ({ LTarget }) => attributeProblem(LTarget)),
  rule(constraint, "RTarget", ({ Operand, RTarget }) => valueProblem(Operand, RTarget)),
  rule(affinity, "LTarget", ({ LTarget }) => LTarget === "" && "An affinity needs an attribute."),
  rule(affinity, "RTarget", ({ Operand, RTarget }) => valueProblem(Operand, RTarget)),
  rule(affinity, "Weight", ({ Weight }) => Weight === 0 && "The weight of an affinity cannot be zero."),
  rule(spread, "Attribute", ({ Attribute }) => Attribute === "" && "A spread needs an attribute."),
  rule(spread, "SpreadTarget", ({ SpreadTarget }) => {
    const sum = SpreadTarget.reduce((total, { Percent }) => total + Percent, 0);
    return sum > 100 && `The sum of the targets' percentages must not be greater than 100, but is ${sum}.`;
  }),
  rule(spread, "SpreadTarget", ({ SpreadTarget }) => {
    const values = SpreadTarget.map(({ Value }) => Value);
    return values.flatMap((value, index): Finding[] =>
      values.indexOf(value) < index
        ? [{ at: ["SpreadTarget", index], detail: `There is already a target for ${JSON.stringify(value)}.` }]
        : [],
    );
  }),
];

const exactTargets = [
  "${node.unique.id}",
  "${node.datacenter}",
  "${node.unique.name}",
  "${node.class}",
  "${node.pool}",
];
const targetPrefixes = ["${attr.", "${meta.", "${device."];

/** What does not begin with `$` is taken literally. */
function attributeProblem(target: string): string | false {
  if (!target.startsWith("$")) return false;
  const known = exactTargets.includes(target) || targetPrefixes.some((prefix) => target.startsWith(prefix));
  return (
    !(known && target.endsWith("}")) &&
    `Unsupported attribute ${JSON.stringify(target)}: write \${attr.<name>}, \${meta.<name>} or ${exactTargets.join(", ")}.`
  );
}

function valueProblem(operator: string, value: string): string | false | null {
  switch (operator) {
    case "distinct_hosts":
      return false;
    case "regexp":
      return regexpProblem(value) && `The regular expression failed to compile: ${regexpProblem(value)}.`;
    case "version":
    case "semver":
      return versionConstraintProblem(value);
    case "distinct_property":
      return (
        value !== "" &&
        !/^\+?0*[1-9]\d*$/.test(value) &&
        `distinct_property takes a count of 1 or more, not ${JSON.stringify(value)}.`
      );
    case "is_set":
    case "is_not_set":
      return value !== "" && `The operator ${JSON.stringify(operator)} takes no value.`;
    default:
      return value === "" && `The operator ${JSON.stringify(operator)} requires a value.`;
  }
}
