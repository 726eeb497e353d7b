import type { HttpMatch } from "#model/config-entry/service-router.ts";
import { compileRegexp, findMatch } from "#model/regexp/regexp.ts";
import type { ChainRoute } from "./compiled-chain.ts";

/** A request as routes look at it. */
export interface RoutedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** By names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** The place in `routes` of the one that a request takes: the first that matches; the last matches everything. */
export function routeOf(routes: readonly ChainRoute[], request: RoutedRequest): number {
  return routes.findIndex(({ Definition }) => {
    const match = Definition.Match?.HTTP ?? null;
    return match === null || matches(match, request);
  });
}

function matches(match: HttpMatch, { method, path, headers }: RoutedRequest): boolean {
  const [pathname = "", query = ""] = path.split("#")[0]?.split(/\?(.*)/s) ?? [];
  const parameters = new URLSearchParams(query);
  return (
    matchesPath(match, pathname) &&
    (match.Methods.length === 0 || match.Methods.some((one) => one.toUpperCase() === method.toUpperCase())) &&
    match.Header.every((rule) => matchesHeader(rule, headers.get(rule.Name.toLowerCase()))) &&
    match.QueryParam.every((rule) => matchesParameter(rule, parameters.get(rule.Name)))
  );
}

function matchesPath(
  { PathExact, PathPrefix, PathRegex, CaseInsensitive }: HttpMatch,
  path: string,
): boolean {
  const folded = (text: string) => (CaseInsensitive ? text.toLowerCase() : text);
  if (PathExact !== "") return folded(path) === folded(PathExact);
  if (PathPrefix !== "") return folded(path).startsWith(folded(PathPrefix));
  return PathRegex === "" || isWhole(CaseInsensitive ? `(?i)${PathRegex}` : PathRegex, path);
}

type HeaderRule = HttpMatch["Header"][number];

/** A header that is not there matches nothing but an inverted `Present`, as in Envoy. */
function matchesHeader(rule: HeaderRule, value: string | undefined): boolean {
  if (rule.Present) return (value !== undefined) !== rule.Invert;
  return value !== undefined && matchesValue(rule, value) !== rule.Invert;
}

function matchesValue({ Exact, Prefix, Suffix, Regex }: HeaderRule, value: string): boolean {
  if (Regex !== "") return isWhole(Regex, value);
  if (Exact !== "") return value === Exact;
  return Prefix !== "" ? value.startsWith(Prefix) : value.endsWith(Suffix);
}

function matchesParameter(
  { Present, Exact, Regex }: HttpMatch["QueryParam"][number],
  value: string | null,
): boolean {
  if (value === null || Present) return value !== null;
  return Exact !== "" ? value === Exact : isWhole(Regex, value);
}

function isWhole(pattern: string, text: string): boolean {
  return findMatch(compileRegexp(`^(?:${pattern})$`), text, 0) !== null;
}
