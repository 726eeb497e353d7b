import type { Constraint } from "#model/job/constraint.ts";
import { meetsVersion } from "#model/meets-version.ts";
import type { Node } from "#model/node.ts";
import { compileRegexp, matchesRegexp, type Regexp } from "#model/regexp/regexp.ts";
import { isUnique } from "./profile.ts";

export type Condition = Pick<Constraint, "LTarget" | "RTarget" | "Operand">;

/** Whether a node meets a constraint. Operators and their corner cases are Nomad's. */
export function meets(node: Node, { LTarget, RTarget, Operand }: Condition): boolean {
  const left = resolve(node, LTarget);
  const right = resolve(node, RTarget);
  if (Operand === "is_set") return left !== undefined;
  if (Operand === "is_not_set") return left === undefined;
  if (Operand === "!=" || Operand === "not") return left !== right;
  // These speak of several allocations, not of one node.
  if (isDistinct(Operand)) return true;
  if (left === undefined || right === undefined) return false;
  return compare(left, Operand, right);
}

export function isDistinct(operand: string): boolean {
  return operand === "distinct_hosts" || operand === "distinct_property";
}

/** Whether the answer may differ between nodes that are alike in all that is not unique to each. */
export function isAboutOneNode({ LTarget, RTarget }: Condition): boolean {
  return [LTarget, RTarget].some((target) => {
    const name = referenceOf(target);
    return name !== null && (name.startsWith("node.unique.") || isUnique(name.replace(/^(attr|meta)\./, "")));
  });
}

/** How a failed placement names a constraint. */
export function describe({ LTarget, RTarget, Operand }: Condition): string {
  return [LTarget, Operand, RTarget].filter((part) => part !== "").join(" ");
}

/** The value of `${attr.x}` and the like on a node; text without `${` stands for itself. */
export function resolve(node: Node, target: string): string | undefined {
  const name = referenceOf(target);
  if (name === null) return target;
  if (name.startsWith("attr.")) return own(node.Attributes, name.slice("attr.".length));
  if (name.startsWith("meta.")) return own(node.Meta, name.slice("meta.".length));
  switch (name) {
    case "node.unique.id":
      return node.ID;
    case "node.unique.name":
      return node.Name;
    case "node.datacenter":
      return node.Datacenter;
    case "node.region":
      return "global";
    case "node.class":
      return node.NodeClass;
    case "node.pool":
      return node.NodePool;
    default:
      return undefined;
  }
}

function own(facts: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(facts, name) ? facts[name] : undefined;
}

function referenceOf(target: string): string | null {
  return target.startsWith("${") && target.endsWith("}") ? target.slice(2, -1) : null;
}

function compare(left: string, operand: string, right: string): boolean {
  switch (operand) {
    case "=":
    case "==":
    case "is":
      return left === right;
    case "<":
      return order(left, right) < 0;
    case "<=":
      return order(left, right) <= 0;
    case ">":
      return order(left, right) > 0;
    case ">=":
      return order(left, right) >= 0;
    case "regexp":
      return matchesPattern(left, right);
    case "version":
      return meetsVersion(left, right, { prereleases: false });
    case "semver":
      return meetsVersion(left, right, { prereleases: true });
    case "set_contains":
    case "set_contains_all":
      return items(right).every((item) => items(left).includes(item));
    case "set_contains_any":
      return items(right).some((item) => items(left).includes(item));
    default:
      return false;
  }
}

function order(left: string, right: string): number {
  const [a, b] = [Number(left), Number(right)];
  if (left !== "" && right !== "" && !Number.isNaN(a) && !Number.isNaN(b)) return a - b;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The last patterns that were asked for: the same one is put to node after node. */
const compiled = new Map<string, Regexp | null>();
const COMPILED_KEPT = 100;

function matchesPattern(text: string, pattern: string): boolean {
  let regexp = compiled.get(pattern);
  if (regexp === undefined) {
    regexp = compile(pattern);
    if (compiled.size >= COMPILED_KEPT) compiled.clear();
    compiled.set(pattern, regexp);
  }
  return regexp !== null && matchesRegexp(regexp, text);
}

function compile(pattern: string): Regexp | null {
  try {
    return compileRegexp(pattern);
  } catch {
    // A pattern that a node's own attribute gives may be none.
    return null;
  }
}

function items(text: string): string[] {
  return text.split(",").map((item) => item.trim());
}
