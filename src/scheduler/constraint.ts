import type { Constraint } from "#model/job/constraint.ts";
import type { Node } from "#model/node.ts";
import { meetsVersion } from "./version.ts";

/** Whether a node meets a constraint. Operators and their corner cases are Nomad's. */
export function meets(node: Node, { LTarget, RTarget, Operand }: Constraint): boolean {
  const left = resolve(node, LTarget);
  const right = resolve(node, RTarget);
  if (Operand === "is_set") return left !== undefined;
  if (Operand === "is_not_set") return left === undefined;
  if (Operand === "!=" || Operand === "not") return left !== right;
  if (left === undefined || right === undefined) return false;
  switch (Operand) {
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
      return matchesRegexp(left, right);
    case "version":
      return meetsVersion(left, right, { prereleases: false });
    case "semver":
      return meetsVersion(left, right, { prereleases: true });
    case "set_contains":
    case "set_contains_all":
      return items(right).every((item) => items(left).includes(item));
    case "set_contains_any":
      return items(right).some((item) => items(left).includes(item));
    // These speak of several allocations, not of one node.
    case "distinct_hosts":
    case "distinct_property":
      return true;
  }
}

/** How a failed placement names a constraint. */
export function describe({ LTarget, RTarget, Operand }: Constraint): string {
  return [LTarget, Operand, RTarget].filter((part) => part !== "").join(" ");
}

/** The value of `${attr.x}` and the like on a node; text without `${` stands for itself. */
export function resolve(node: Node, target: string): string | undefined {
  const [, name] = /^\$\{(.*)\}$/.exec(target) ?? [];
  if (name === undefined) return target;
  if (name.startsWith("attr.")) return node.Attributes[name.slice("attr.".length)];
  if (name.startsWith("meta.")) return node.Meta[name.slice("meta.".length)];
  const facts: Readonly<Record<string, string>> = {
    "node.unique.id": node.ID,
    "node.unique.name": node.Name,
    "node.datacenter": node.Datacenter,
    "node.class": node.NodeClass,
    "node.pool": node.NodePool,
  };
  return facts[name];
}

function order(left: string, right: string): number {
  const [a, b] = [Number(left), Number(right)];
  if (left !== "" && right !== "" && !Number.isNaN(a) && !Number.isNaN(b)) return a - b;
  return left < right ? -1 : left > right ? 1 : 0;
}

function matchesRegexp(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return false;
  }
}

function items(text: string): string[] {
  return text.split(",").map((item) => item.trim());
}
