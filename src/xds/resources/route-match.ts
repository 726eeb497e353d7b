import type { Message, MessageInitShape } from "@bufbuild/protobuf";
import type {
  HeaderMatcherSchema,
  QueryParameterMatcherSchema,
  RouteMatchSchema,
} from "#envoy/config/route/v3/route_components_pb.js";
import type { HttpMatch } from "#model/config-entry/service-router.ts";

export type RouteMatchInit = Exclude<MessageInitShape<typeof RouteMatchSchema>, Message>;
type HeaderInit = MessageInitShape<typeof HeaderMatcherSchema>;

/** Which requests a route is for; all of them without a match. */
export function routeMatch(match: HttpMatch | null): RouteMatchInit {
  if (match === null) return everything;
  return {
    pathSpecifier: pathSpecifier(match),
    ...(match.CaseInsensitive && { caseSensitive: false }),
    headers: [...match.Header.map(headerMatcher), ...methodMatchers(match.Methods)],
    queryParameters: match.QueryParam.map(queryMatcher),
  };
}

const everything: RouteMatchInit = { pathSpecifier: { case: "prefix", value: "/" } };

/** Envoy's patterns do not follow `case_sensitive`: they say it themselves. */
function pathSpecifier({
  PathExact,
  PathPrefix,
  PathRegex,
  CaseInsensitive,
}: HttpMatch): NonNullable<RouteMatchInit["pathSpecifier"]> {
  if (PathExact !== "") return { case: "path", value: PathExact };
  if (PathPrefix !== "") return { case: "prefix", value: PathPrefix };
  if (PathRegex !== "") {
    return { case: "safeRegex", value: { regex: CaseInsensitive ? `(?i)${PathRegex}` : PathRegex } };
  }
  return { case: "prefix", value: "/" };
}

function headerMatcher(header: HttpMatch["Header"][number]): HeaderInit {
  return {
    name: header.Name,
    invertMatch: header.Invert,
    headerMatchSpecifier: header.Present
      ? { case: "presentMatch", value: true }
      : { case: "stringMatch", value: { matchPattern: stringPattern(header) } },
  };
}

/** Any of them: Envoy has one matcher for a pattern, none for a set. */
function methodMatchers(methods: readonly string[]): HeaderInit[] {
  if (methods.length === 0) return [];
  const matchPattern = { case: "safeRegex" as const, value: { regex: methods.join("|").toUpperCase() } };
  return [{ name: ":method", headerMatchSpecifier: { case: "stringMatch", value: { matchPattern } } }];
}

function queryMatcher(
  query: HttpMatch["QueryParam"][number],
): MessageInitShape<typeof QueryParameterMatcherSchema> {
  const pattern = stringPattern({ ...query, Prefix: "", Suffix: "" });
  return {
    name: query.Name,
    queryParameterMatchSpecifier: query.Present
      ? { case: "presentMatch", value: true }
      : { case: "stringMatch", value: { matchPattern: pattern } },
  };
}

interface Patterns {
  readonly Exact: string;
  readonly Prefix: string;
  readonly Suffix: string;
  readonly Regex: string;
}

function stringPattern({ Exact, Prefix, Suffix, Regex }: Patterns) {
  if (Prefix !== "") return { case: "prefix" as const, value: Prefix };
  if (Suffix !== "") return { case: "suffix" as const, value: Suffix };
  if (Regex !== "") return { case: "safeRegex" as const, value: { regex: Regex } };
  return { case: "exact" as const, value: Exact };
}
