import type {
  IntentionJwt,
  IntentionProvider,
  Permission,
  PermissionHeader,
  PermissionHttp,
} from "#model/config-entry/service-intentions.ts";
import { compileRegexp, findMatch } from "#model/regexp/regexp.ts";
import { covers, type DefaultPolicy, type Intention, matchesName, type Source } from "./intentions.ts";

/** What the rules look at in a request. */
export interface RuledRequest {
  readonly method: string;
  /** As the destination's proxy sees it: normalised, without the query. */
  readonly path: string;
  /** By names in lower case; a header that comes several times has its values joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
  /** What the valid tokens say that it brought, by provider. */
  readonly tokens: ReadonlyMap<string, object>;
}

export interface Decision {
  readonly allowed: boolean;
  /** The intention that decides; null when none matches and the default policy does. */
  readonly intention: Intention | null;
  /** The permission of that intention which decides, counted from 0; null where none does. */
  readonly permission: number | null;
  /** It would be allowed if it brought a token. */
  readonly lacksToken: boolean;
  /** Other intentions that match, and lost by their precedence. */
  readonly overruled: readonly Intention[];
}

/**
 * What `intentions`, in order of precedence, say of a request. Without a request, of a whole connection: what
 * depends on single requests, permissions or a token, is then denied.
 */
export function decide(
  intentions: readonly Intention[],
  source: Source,
  destination: string,
  request: RuledRequest | null,
  defaultPolicy: DefaultPolicy,
): Decision {
  const [intention = null, ...overruled] = intentions.filter(
    (rule) => covers(rule.source, source) && matchesName(rule.destination, destination),
  );
  const found = { intention, overruled, permission: null, lacksToken: false };
  if (intention === null) return { ...found, allowed: defaultPolicy === "allow" };
  if (request === null) return { ...found, allowed: intention.action === "allow" && intention.jwt === null };
  const index = intention.permissions.findIndex((permission) => matchesRequest(permission, request));
  const permission = intention.permissions[index] ?? null;
  const action =
    intention.action !== "" ? intention.action : permission !== null ? permission.Action : defaultPolicy;
  const hasTokens = [intention.jwt, permission?.JWT ?? null].every((jwt) => satisfies(jwt, request.tokens));
  return {
    ...found,
    permission: permission === null ? null : index,
    allowed: action === "allow" && hasTokens,
    lacksToken: action === "allow" && !hasTokens,
  };
}

/** Whether a permission speaks of a request; the token that it may ask for does not count here. */
function matchesRequest({ HTTP }: Permission, request: RuledRequest): boolean {
  return (
    HTTP === null ||
    (matchesPath(HTTP, request.path) &&
      (HTTP.Methods.length === 0 || HTTP.Methods.some((method) => method.toUpperCase() === request.method)) &&
      HTTP.Header.every((header) => matchesHeader(header, request.headers)))
  );
}

function matchesPath({ PathExact, PathPrefix, PathRegex }: PermissionHttp, path: string): boolean {
  if (PathExact !== "") return path === PathExact;
  if (PathPrefix !== "") return path.startsWith(PathPrefix);
  return PathRegex === "" || matchesWhole(PathRegex, path);
}

/** A header that is not there matches nothing but an inverted `Present`, as in Envoy. */
function matchesHeader(rule: PermissionHeader, headers: ReadonlyMap<string, string>): boolean {
  const value = headers.get(rule.Name.toLowerCase());
  if (rule.Present) return (value !== undefined) !== rule.Invert;
  return value !== undefined && matchesValue(rule, value) !== rule.Invert;
}

function matchesValue(
  { Exact, Prefix, Suffix, Contains, Regex, IgnoreCase }: PermissionHeader,
  value: string,
): boolean {
  if (Regex !== "") return matchesWhole(Regex, value);
  const folded = (text: string) => (IgnoreCase ? text.toLowerCase() : text);
  const text = folded(value);
  if (Exact !== "") return text === folded(Exact);
  if (Prefix !== "") return text.startsWith(folded(Prefix));
  if (Suffix !== "") return text.endsWith(folded(Suffix));
  return text.includes(folded(Contains));
}

function matchesWhole(pattern: string, text: string): boolean {
  return findMatch(compileRegexp(`^(?:${pattern})$`), text, 0) !== null;
}

function satisfies(jwt: IntentionJwt | null, tokens: ReadonlyMap<string, object>): boolean {
  return jwt === null || jwt.Providers.some((provider) => isSatisfied(provider, tokens.get(provider.Name)));
}

function isSatisfied({ VerifyClaims }: IntentionProvider, token: object | undefined): boolean {
  return token !== undefined && VerifyClaims.every(({ Path, Value }) => claimAt(token, Path) === Value);
}

function claimAt(token: object, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string, unknown>)[key]
        : undefined,
    token,
  );
}
