import type { HttpRoute, ServiceSplitter } from "#model/config-entry/config-entry.ts";
import type { HeaderModifiers } from "#model/config-entry/header-modifiers.ts";
import { headerModifiers } from "#model/config-entry/header-modifiers.ts";
import type { HttpRouteRule, httpRouteMatch } from "#model/config-entry/http-route.ts";
import { isHttpLike, type Protocol } from "#model/config-entry/protocol.ts";
import { serviceDefaults } from "#model/config-entry/service-defaults.ts";
import { type ServiceRoute, serviceRoute, serviceRouter } from "#model/config-entry/service-router.ts";
import { serviceSplitter } from "#model/config-entry/service-splitter.ts";
import { canonical } from "#model/schema/canonical.ts";
import type { Input, Value } from "#model/schema/schema.ts";
import { ChainError } from "../chain/chain-error.ts";
import type { CompiledChain } from "../chain/compiled-chain.ts";
import type { GatewaySurroundings } from "./surroundings.ts";

type Match = Value<typeof httpRouteMatch>;

/**
 * The requests for one host, as a chain: the rules of its routes become a router of a service that is only
 * thought of, and rules with several services splitters behind it. Requests that no rule matches go nowhere.
 */
export function routesOfHost(
  name: string,
  routes: readonly HttpRoute[],
  protocol: Protocol,
  mesh: GatewaySurroundings,
): CompiledChain | null {
  const rules = routes
    .flatMap(({ Rules }) => Rules)
    .map((rule) => ({
      ...rule,
      Services: rule.Services.filter(({ Name }) => isHttpLike(mesh.protocol(Name))),
    }))
    .filter(({ Services }) => Services.length > 0);
  const splitters = new Map<string, ServiceSplitter>();
  const matches = rules.flatMap((rule, i) => {
    const splitter = rule.Services.length > 1 ? splitterOf(`${name}-${i}`, rule) : null;
    if (splitter !== null) splitters.set(splitter.Name, splitter);
    const destination = splitter?.Name ?? rule.Services[0]?.Name ?? "";
    const all: readonly (Match | null)[] = rule.Matches.length > 0 ? rule.Matches : [null];
    return all.map((match) => ({ match, route: routeOf(rule, match, destination, splitter === null) }));
  });
  const ordered = matches.sort((a, b) => compare(precedenceOf(b.match), precedenceOf(a.match)));
  const router = canonical(serviceRouter, {
    ...{ Kind: "service-router", Name: name, Routes: ordered.map(({ route }) => route) },
  });
  const thought = new Set([name, ...splitters.keys()]);
  const chain = mesh.compile(name, (kind, service) => {
    if (kind === "service-router" && service === name) return router as never;
    // Services' own routers are for callers within the mesh.
    if (kind === "service-router") return undefined;
    if (kind === "service-splitter" && splitters.has(service)) return splitters.get(service) as never;
    if (kind === "service-defaults" && (thought.has(service) || isHttpLike(mesh.protocol(service)))) {
      return { ...defaultsOf(service, mesh), Protocol: protocol } as never;
    }
    return mesh.entry(kind, service);
  });
  return chain instanceof ChainError ? null : withoutRest(chain);
}

/** Between proxies HTTP travels in one way, whatever the tasks speak: all that see requests can stand together. */
function defaultsOf(service: string, mesh: GatewaySurroundings) {
  return (
    mesh.entry("service-defaults", service) ??
    canonical(serviceDefaults, { Kind: "service-defaults", Name: service })
  );
}

/** A router's last route takes all that is left, for the service itself: which there is none of. */
function withoutRest(chain: CompiledChain): CompiledChain {
  const start = chain.Nodes[chain.StartNode];
  if (start?.Type !== "router") return chain;
  const last = start.Routes.at(-1)?.NextNode ?? "";
  const rest = chain.Nodes[last];
  const { [last]: _, ...Nodes } = chain.Nodes;
  const { [rest?.Type === "resolver" ? rest.Resolver.Target : ""]: __, ...Targets } = chain.Targets;
  return {
    ...chain,
    Nodes: { ...Nodes, [chain.StartNode]: { ...start, Routes: start.Routes.slice(0, -1) } },
    Targets,
  };
}

function routeOf(rule: HttpRouteRule, match: Match | null, service: string, isOnly: boolean): ServiceRoute {
  const [own] = rule.Services;
  const filters = rule.Filters;
  const requests = [...(filters?.Headers ?? []), ...(isOnly ? (own?.Filters?.Headers ?? []) : [])];
  const responses = [
    ...(rule.ResponseFilters?.Headers ?? []),
    ...(isOnly ? (own?.ResponseFilters?.Headers ?? []) : []),
  ];
  const retry = filters?.RetryFilter ?? own?.Filters?.RetryFilter ?? null;
  const timeout = filters?.TimeoutFilter ?? own?.Filters?.TimeoutFilter ?? null;
  return canonical(serviceRoute, {
    Match: { HTTP: matchOf(match) },
    Destination: {
      Service: service,
      PrefixRewrite: filters?.URLRewrite?.Path ?? (isOnly ? own?.Filters?.URLRewrite?.Path : "") ?? "",
      ...(retry && {
        NumRetries: retry.NumRetries,
        RetryOn: retry.RetryOn,
        RetryOnStatusCodes: retry.RetryOnStatusCodes,
        RetryOnConnectFailure: retry.RetryOnConnectFailure ?? false,
      }),
      ...(timeout && { RequestTimeout: timeout.RequestTimeout, IdleTimeout: timeout.IdleTimeout }),
      RequestHeaders: joined(requests),
      ResponseHeaders: joined(responses),
    },
  });
}

type HttpMatchInput = NonNullable<NonNullable<Input<ServiceRoute>["Match"]>["HTTP"]>;

function matchOf(match: Match | null): HttpMatchInput {
  if (match === null) return { PathPrefix: "/" };
  const { Path, Method, Headers, Query } = match;
  const path = Path && { [PATHS[Path.Match]]: Path.Value };
  return {
    ...(path ?? { PathPrefix: "/" }),
    Methods: Method === "" ? [] : [Method],
    Header: Headers.map(({ Match, Name, Value }) => ({ Name, ...valueMatch(Match, Value) })),
    QueryParam: Query.map(({ Match, Name, Value }) => ({ Name, ...valueMatch(Match, Value) })),
  };
}

const PATHS = { exact: "PathExact", prefix: "PathPrefix", regex: "PathRegex" } as const;

function valueMatch(kind: string, value: string) {
  if (kind === "present") return { Present: true };
  return { [`${kind[0]?.toUpperCase()}${kind.slice(1)}`]: value };
}

/** In hundredths of a percent, the finest step that a splitter has; the rest goes to the last. */
function splitterOf(name: string, { Services }: HttpRouteRule): ServiceSplitter {
  const total = Services.reduce((sum, { Weight }) => sum + Weight, 0);
  const shares = Services.map(({ Weight }) => Math.floor((Weight * 10_000) / total));
  const rest = 10_000 - shares.reduce((sum, share) => sum + share, 0);
  return canonical(serviceSplitter, {
    Kind: "service-splitter",
    Name: name,
    Splits: Services.map(({ Name, Filters, ResponseFilters }, i) => ({
      Weight: ((shares[i] ?? 0) + (i === Services.length - 1 ? rest : 0)) / 100,
      Service: Name,
      RequestHeaders: joined(Filters?.Headers ?? []),
      ResponseHeaders: joined(ResponseFilters?.Headers ?? []),
    })),
  });
}

function joined(all: readonly HeaderModifiers[]): HeaderModifiers | null {
  if (all.length === 0) return null;
  return canonical(headerModifiers, {
    Add: Object.assign({}, ...all.map(({ Add }) => Add)),
    Set: Object.assign({}, ...all.map((each) => each.Set)),
    Remove: all.flatMap(({ Remove }) => Remove),
  });
}

/** The longest path first, then more headers, then more query parameters. */
function precedenceOf(match: Match | null): number[] {
  const exact = match?.Path?.Match === "exact" ? 1 : 0;
  return [
    match?.Path?.Value.length ?? 0,
    exact,
    match?.Headers.length ?? 0,
    match?.Query.length ?? 0,
    match?.Method ? 1 : 0,
  ];
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
