import { type Finding, rule } from "../schema/check.ts";
import {
  beginsWithSlash,
  controlCharacters,
  givenOf,
  headerNameProblem,
  methodFindings,
  patternProblem,
  repeated,
} from "./match-rules.ts";
import {
  intentionClaim,
  intentionJwt,
  intentionProvider,
  type PermissionHeader,
  permission,
  permissionHeader,
  permissionHttp,
  type SourceIntention,
  serviceIntentions,
  sourceIntention,
} from "./service-intentions.ts";

/** What must hold of `service-intentions`; Consul's rules. */

const wildcardAlone = (name: string) =>
  name !== "*" && name.includes("*") && "The wildcard * stands alone, for every service.";

const waysOf = ({ Present, Exact, Prefix, Suffix, Contains, Regex }: PermissionHeader) =>
  givenOf(Present, Exact, Prefix, Suffix, Contains, Regex);

/** The path that a rule sees ends before its query: such a rule would never match. */
const isNoPath = (path: string) =>
  /[?#]/.test(path) && "A path has neither query nor fragment; rules see it without them.";

function repeatedSources(sources: readonly SourceIntention[]): Finding[] {
  return repeated(
    sources,
    ({ Name, Peer }) => JSON.stringify([Name, Peer]),
    (i, { Name }) => ({ at: ["Sources", i, "Name"], detail: `"${Name}" is named more than once.` }),
  );
}

const entryRules = [
  rule(serviceIntentions, "Name", ({ Name }) => wildcardAlone(Name)),
  rule(
    serviceIntentions,
    "Sources",
    ({ Sources }) => Sources.length === 0 && "At least one source is needed.",
  ),
  rule(serviceIntentions, "Sources", ({ Sources }) => repeatedSources(Sources)),
];

const sourceRules = [
  rule(sourceIntention, "Name", ({ Name }) => Name === "" && "Name a service, or * for all of them."),
  rule(sourceIntention, "Name", ({ Name }) => wildcardAlone(Name)),
  rule(sourceIntention, "Peer", ({ Peer }) => Peer.includes("*") && "Peers are named one by one, without *."),
  rule(
    sourceIntention,
    "Action",
    ({ Action, Permissions }) =>
      Action === "" && Permissions.length === 0 && 'Expected "allow" or "deny", or Permissions.',
  ),
  rule(
    sourceIntention,
    "Action",
    ({ Action, Permissions }) =>
      Action !== "" && Permissions.length > 0 && "Action and Permissions exclude one another.",
  ),
  rule(
    sourceIntention,
    "Permissions",
    ({ Permissions }, place) =>
      Permissions.length > 0 &&
      place.around(serviceIntentions)?.Name === "*" &&
      "The wildcard destination has no Permissions, for not every service speaks HTTP.",
  ),
];

const permissionRules = [
  rule(permission, "Action", ({ Action }) => (Action as string) === "" && 'Expected "allow" or "deny".'),
  rule(
    permission,
    "HTTP",
    ({ HTTP, JWT }) => HTTP === null && JWT === null && "Say which requests, or what token they must bring.",
  ),
  rule(permissionHttp, null, ({ PathExact, PathPrefix, PathRegex, Header, Methods }) =>
    [PathExact, PathPrefix, PathRegex].every((path) => path === "") &&
    Header.length === 0 &&
    Methods.length === 0
      ? "At least one of PathExact, PathPrefix, PathRegex, Header and Methods is needed."
      : null,
  ),
  rule(
    permissionHttp,
    null,
    ({ PathExact, PathPrefix, PathRegex }) =>
      givenOf(PathExact, PathPrefix, PathRegex) > 1 &&
      "PathExact, PathPrefix and PathRegex exclude one another.",
  ),
  rule(permissionHttp, "PathExact", ({ PathExact }) => beginsWithSlash(PathExact) || isNoPath(PathExact)),
  rule(permissionHttp, "PathPrefix", ({ PathPrefix }) => beginsWithSlash(PathPrefix) || isNoPath(PathPrefix)),
  rule(permissionHttp, "PathRegex", ({ PathRegex }) => patternProblem(PathRegex)),
  rule(permissionHttp, "Methods", ({ Methods }) => methodFindings(Methods)),
];

const headerRules = [
  rule(permissionHeader, "Name", ({ Name }) => headerNameProblem(Name)),
  rule(permissionHeader, null, ({ Exact, Prefix, Suffix, Contains }) =>
    controlCharacters(`${Exact}${Prefix}${Suffix}${Contains}`),
  ),
  rule(
    permissionHeader,
    null,
    (header) =>
      waysOf(header) !== 1 && "Exactly one of Present, Exact, Prefix, Suffix, Contains and Regex is needed.",
  ),
  rule(permissionHeader, "Regex", ({ Regex }) => patternProblem(Regex)),
  rule(
    permissionHeader,
    "IgnoreCase",
    ({ IgnoreCase, Present, Regex }) =>
      IgnoreCase && (Present || Regex !== "") && "It is not for Present or Regex; write (?i) in the pattern.",
  ),
];

const tokenRules = [
  rule(
    intentionJwt,
    "Providers",
    ({ Providers }) => Providers.length === 0 && "At least one provider is needed.",
  ),
  rule(intentionProvider, "Name", ({ Name }) => Name === "" && "Name a jwt-provider."),
  rule(intentionClaim, "Path", ({ Path }) => Path.length === 0 && "Say where in the token the claim is."),
];

export const serviceIntentionsRules = [
  ...entryRules,
  ...sourceRules,
  ...permissionRules,
  ...headerRules,
  ...tokenRules,
];
