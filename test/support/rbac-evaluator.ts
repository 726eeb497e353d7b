import type { Permission, Policy, Principal, RBAC } from "#envoy/config/rbac/v3/rbac_pb.js";
import { RBAC_Action } from "#envoy/config/rbac/v3/rbac_pb.js";
import type { HeaderMatcher } from "#envoy/config/route/v3/route_components_pb.js";
import type { MetadataMatcher } from "#envoy/type/matcher/v3/metadata_pb.js";
import type { StringMatcher } from "#envoy/type/matcher/v3/string_pb.js";
import { compileRegexp, findMatch, type Regexp } from "../../src/model/regexp/regexp.ts";

/** A request as Envoy's access rules see it. */
export interface SeenRequest {
  /** The URI of the client's certificate. */
  readonly uri: string;
  /** With its query. */
  readonly path: string;
  /** By names in lower case, with `:method`. */
  readonly headers: ReadonlyMap<string, string>;
  /** Filter name → key → …, as filters before left it. */
  readonly metadata: unknown;
}

/** What Envoy does with a request, by the documentation of its RBAC messages (envoy/config/rbac/v3). */
export function isAdmitted({ action, policies }: RBAC, request: SeenRequest): boolean {
  const matches = Object.values(policies).some((policy) => matchesPolicy(policy, request));
  if (action !== RBAC_Action.ALLOW && action !== RBAC_Action.DENY) throw new Error(`action ${action}`);
  return action === RBAC_Action.ALLOW ? matches : !matches;
}

function matchesPolicy({ permissions, principals }: Policy, request: SeenRequest): boolean {
  return (
    permissions.some((permission) => permits(permission, request)) &&
    principals.some((principal) => isMeant(principal, request))
  );
}

function permits({ rule }: Permission, request: SeenRequest): boolean {
  if (rule.case === "any") return true;
  if (rule.case === "andRules") return rule.value.rules.every((each) => permits(each, request));
  if (rule.case === "orRules") return rule.value.rules.some((each) => permits(each, request));
  if (rule.case === "notRule") return !permits(rule.value, request);
  if (rule.case === "header") return matchesHeader(rule.value, request);
  if (rule.case === "metadata") return matchesMetadata(rule.value, request);
  if (rule.case === "urlPath" && rule.value.rule.case === "path")
    return matchesText(rule.value.rule.value, pathOf(request.path));
  throw new Error(`permission ${rule.case}`);
}

function isMeant({ identifier }: Principal, request: SeenRequest): boolean {
  if (identifier.case === "andIds") return identifier.value.ids.every((each) => isMeant(each, request));
  if (identifier.case === "orIds") return identifier.value.ids.some((each) => isMeant(each, request));
  if (identifier.case === "notId") return !isMeant(identifier.value, request);
  if (identifier.case === "header") return matchesHeader(identifier.value, request);
  if (identifier.case === "authenticated" && identifier.value.principalName !== undefined)
    return matchesText(identifier.value.principalName, request.uri);
  throw new Error(`principal ${identifier.case}`);
}

/** Without its header a matcher does not match, inverted or not; only presence can be inverted then. */
function matchesHeader(matcher: HeaderMatcher, { headers }: SeenRequest): boolean {
  const value = headers.get(matcher.name.toLowerCase());
  const { case: kind, value: match } = matcher.headerMatchSpecifier;
  if (kind === "presentMatch") return ((value !== undefined) === match) !== matcher.invertMatch;
  if (kind !== "stringMatch") throw new Error(`header ${kind}`);
  return value !== undefined && matchesText(match, value) !== matcher.invertMatch;
}

function matchesText({ matchPattern, ignoreCase }: StringMatcher, text: string): boolean {
  const folded = (each: string) => (ignoreCase ? each.toLowerCase() : each);
  const { case: kind, value } = matchPattern;
  if (kind === "exact") return folded(text) === folded(value);
  if (kind === "prefix") return folded(text).startsWith(folded(value));
  if (kind === "suffix") return folded(text).endsWith(folded(value));
  if (kind === "contains") return folded(text).includes(folded(value));
  if (kind === "safeRegex") return findMatch(compiled(value.regex), text, 0) !== null;
  throw new Error(`text ${kind}`);
}

const patterns = new Map<string, Regexp>();

function compiled(pattern: string): Regexp {
  const known = patterns.get(pattern) ?? compileRegexp(`^(?:${pattern})$`);
  patterns.set(pattern, known);
  return known;
}

function matchesMetadata({ filter, path, value }: MetadataMatcher, { metadata }: SeenRequest): boolean {
  const keys = [filter, ...path.map(({ segment }) => segment.value ?? "")];
  const found = keys.reduce<unknown>(
    (object, key) =>
      typeof object === "object" && object !== null && Object.hasOwn(object, key)
        ? (object as Record<string, unknown>)[key]
        : undefined,
    metadata,
  );
  const pattern = value?.matchPattern;
  if (pattern?.case === "presentMatch") return (found !== undefined) === pattern.value;
  if (pattern?.case === "stringMatch") return typeof found === "string" && matchesText(pattern.value, found);
  throw new Error(`metadata ${pattern?.case}`);
}

function pathOf(path: string): string {
  return path.split(/[?#]/)[0] ?? "";
}
