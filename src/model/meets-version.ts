interface Version {
  readonly numbers: readonly number[];
  readonly prerelease: readonly string[];
}

/**
 * Whether a version meets a comma-separated list of conditions such as `>= 1.2, < 2.0` or `~> 1.4`.
 * Without `prereleases`, a pre-release meets only conditions that name a pre-release themselves.
 */
export function meetsVersion(
  text: string,
  conditions: string,
  options: { readonly prereleases: boolean },
): boolean {
  const version = parse(text);
  if (version === null) return false;
  return conditions.split(",").every((condition) => meetsOne(version, condition.trim(), options.prereleases));
}

function meetsOne(version: Version, condition: string, prereleases: boolean): boolean {
  const [, operator = "", text = ""] = /^(>=|<=|!=|~>|=|>|<)?\s*(.*)$/.exec(condition) ?? [];
  const wanted = parse(text);
  if (wanted === null) return false;
  if (!prereleases && version.prerelease.length > 0 && wanted.prerelease.length === 0) return false;
  const order = compareVersions(version, wanted);
  switch (operator) {
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case "!=":
      return order !== 0;
    case "~>":
      return order >= 0 && wanted.numbers.slice(0, -1).every((number, i) => version.numbers[i] === number);
    default:
      return order === 0;
  }
}

/** Semantic Versioning 2.0.0, section 11; a missing number counts as 0. */
function compareVersions(a: Version, b: Version): number {
  for (let i = 0; i < Math.max(a.numbers.length, b.numbers.length); i++) {
    const difference = (a.numbers[i] ?? 0) - (b.numbers[i] ?? 0);
    if (difference !== 0) return difference;
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0)
    return b.prerelease.length - a.prerelease.length;
  for (let i = 0; i < Math.max(a.prerelease.length, b.prerelease.length); i++) {
    const difference = comparePart(a.prerelease[i], b.prerelease[i]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function comparePart(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  const [numericA, numericB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (numericA && numericB) return Number(a) - Number(b);
  if (numericA !== numericB) return numericA ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function parse(text: string): Version | null {
  const [matched, numbers = "", prerelease = ""] =
    /^v?(\d+(?:\.\d+)*)(?:-([0-9A-Za-z.~-]+))?(?:\+[0-9A-Za-z.~-]+)?$/.exec(text.trim()) ?? [];
  if (matched === undefined) return null;
  return {
    numbers: numbers.split(".").map(Number),
    prerelease: prerelease === "" ? [] : prerelease.split("."),
  };
}
