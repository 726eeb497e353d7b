import { rule } from "../schema/check.ts";
import {
  beginsWithSlash,
  controlCharacters,
  givenOf,
  headerNameProblem,
  methodFindings,
  patternProblem,
  statusFindings,
} from "./match-rules.ts";
import { headerMatch, httpMatch, queryMatch, routeDestination, serviceRoute } from "./service-router.ts";

/** What must hold of a `service-router`; Consul's rules, and what Envoy would refuse. */

const matchRules = [
  rule(
    httpMatch,
    null,
    ({ PathExact, PathPrefix, PathRegex }) =>
      givenOf(PathExact, PathPrefix, PathRegex) > 1 &&
      "PathExact, PathPrefix and PathRegex exclude one another.",
  ),
  rule(httpMatch, "PathExact", ({ PathExact }) => beginsWithSlash(PathExact)),
  rule(httpMatch, "PathPrefix", ({ PathPrefix }) => beginsWithSlash(PathPrefix)),
  rule(httpMatch, "PathRegex", ({ PathRegex }) => patternProblem(PathRegex)),
  rule(httpMatch, "Methods", ({ Methods }) => methodFindings(Methods)),
  rule(headerMatch, "Name", ({ Name }) => headerNameProblem(Name)),
  rule(
    headerMatch,
    null,
    ({ Present, Exact, Prefix, Suffix, Regex }) =>
      givenOf(Present, Exact, Prefix, Suffix, Regex) !== 1 &&
      "Exactly one of Present, Exact, Prefix, Suffix and Regex is needed.",
  ),
  rule(headerMatch, null, ({ Exact, Prefix, Suffix }) => controlCharacters(Exact + Prefix + Suffix)),
  rule(headerMatch, "Regex", ({ Regex }) => patternProblem(Regex)),
  rule(queryMatch, "Name", ({ Name }) => Name === "" && "Name the parameter."),
  rule(queryMatch, "Name", ({ Name }) => Name.length > 1024 && "At most 1024 characters are allowed."),
  rule(
    queryMatch,
    null,
    ({ Present, Exact, Regex }) =>
      givenOf(Present, Exact, Regex) !== 1 && "Exactly one of Present, Exact and Regex is needed.",
  ),
  rule(queryMatch, "Regex", ({ Regex }) => patternProblem(Regex)),
];

const destinationRules = [
  rule(serviceRoute, "Destination", ({ Match, Destination }) => {
    const { PathExact = "", PathPrefix = "" } = Match?.HTTP ?? {};
    return (Destination?.PrefixRewrite ?? "") !== "" && givenOf(PathExact, PathPrefix) === 0
      ? [{ at: ["Destination", "PrefixRewrite"], detail: "It needs PathExact or PathPrefix in Match.HTTP." }]
      : null;
  }),
  rule(routeDestination, "PrefixRewrite", ({ PrefixRewrite }) => beginsWithSlash(PrefixRewrite)),
  rule(routeDestination, "PrefixRewrite", ({ PrefixRewrite }) => controlCharacters(PrefixRewrite)),
  rule(routeDestination, "RetryOnStatusCodes", ({ RetryOnStatusCodes }) =>
    statusFindings("RetryOnStatusCodes", RetryOnStatusCodes),
  ),
];

export const serviceRouterRules = [...matchRules, ...destinationRules];
