/**
 * Constraints on versions: comma-separated comparisons such as ">= 1.2, < 2.0" or "~> 1.4".
 * Grammar: https://pkg.go.dev/github.com/hashicorp/go-version
 */
const comparison =
  /^\s*(=|!=|>=|<=|~>|>|<)?\s*v?\d+(\.\d+)*(-?[0-9A-Za-z~][0-9A-Za-z~.-]*)?(\+[0-9A-Za-z~.-]+)?\s*$/;

/** What is wrong with a version constraint, or null. */
export function versionConstraintProblem(text: string): string | null {
  const wrong = text.split(",").find((part) => !comparison.test(part));
  return wrong === undefined
    ? null
    : `Malformed version constraint ${JSON.stringify(wrong.trim())}: write comparisons such as ">= 1.2, < 2.0".`;
}

/** The version of Consul that clients and extensions may reckon with. */
export const CONSUL_VERSION = "1.22.0";
