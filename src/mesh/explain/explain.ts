import type { ServiceInstance } from "#model/catalog.ts";
import type { RouteDestination } from "#model/config-entry/service-router.ts";
import { formatDuration } from "#model/schema/duration.ts";
import type { Row } from "#state/table.ts";
import { ChainError } from "../chain/chain-error.ts";
import type { CompiledChain } from "../chain/compiled-chain.ts";
import { routeOf } from "../chain/match-route.ts";
import type { Mesh } from "../mesh.ts";
import { listenerName, type Sidecar, type Upstream } from "../sidecar.ts";
import { entranceOf } from "./entrance.ts";
import type { AskedRequest, Explanation, RouteStep, Setting, Way } from "./explanation.ts";
import { waysFrom } from "./ways.ts";

interface FoundUpstream {
  readonly proxyId: string;
  readonly upstream: Upstream;
}

/** Computed from the cells that configure the proxies; call it through `readOnce` or in an effect. */
export function explain(mesh: Mesh, asked: AskedRequest): Explanation {
  const { source, destination, method, path } = asked;
  const sources = mesh.instances
    .proxiesOf(source)
    .map((proxy) => ({ proxy, sidecar: mesh.sidecar(proxy.ID) }));
  const found = firstUpstream(sources, destination);
  const [name = "", peer = ""] = destination.split("?peer=");
  const chain = found?.upstream.chain ?? mesh.chain(name, undefined, undefined, peer);
  const seen = { source, destination, method, path };
  const upstream =
    found === null
      ? entranceOf(mesh, source, destination)
      : {
          proxyId: found.proxyId,
          bind: found.upstream.bind,
          listener: listenerName(found.upstream),
        };
  const isKnown = sources.length > 0 || upstream !== null;
  if (chain instanceof ChainError)
    return {
      ...seen,
      protocol: mesh.protocol(destination),
      upstream,
      route: null,
      ways: [],
      obstacles: [chain.message],
    };
  const taken = routeTaken(chain, asked);
  const ways = waysFrom(
    {
      mesh,
      chain,
      upstream: found?.upstream ?? null,
      node: mesh.instances.nodeOf(upstream?.proxyId ?? ""),
      destination: taken.destination,
      routeName: taken.because,
    },
    taken.next,
    { ...asked, path: taken.path },
  );
  return {
    ...seen,
    protocol: chain.Protocol,
    upstream,
    route: chain.Protocol === "tcp" ? null : stepOf(taken),
    ways,
    obstacles: obstaclesOf(asked, isKnown, upstream !== null, ways),
  };
}

interface TakenRoute {
  readonly because: string;
  readonly next: string;
  readonly path: string;
  readonly destination: RouteDestination | null;
}

function routeTaken({ StartNode, Nodes, ServiceName }: CompiledChain, asked: AskedRequest): TakenRoute {
  const start = Nodes[StartNode];
  const isWhole = { next: StartNode, path: asked.path, destination: null };
  if (start?.Type !== "router") return { ...isWhole, because: `there is no service-router/${ServiceName}` };
  const index = routeOf(start.Routes, asked);
  const route = start.Routes[index];
  if (route === undefined) return { ...isWhole, because: "no route matches" };
  const isLast = index === start.Routes.length - 1;
  const { Match, Destination } = route.Definition;
  return {
    because: isLast
      ? `no route of service-router/${ServiceName} matches: to the service itself`
      : `service-router/${ServiceName} Routes[${index}]`,
    next: route.NextNode,
    path: rewritten(asked.path, Match?.HTTP?.PathPrefix ?? "", Destination?.PrefixRewrite ?? ""),
    destination: isLast ? null : Destination,
  };
}

/** The query stays; a slash that the replacement brings is not doubled. */
function rewritten(path: string, prefix: string, replacement: string): string {
  if (replacement === "") return path;
  const [pathname = ""] = path.split(/[?#]/);
  const rest = prefix === "" ? "" : pathname.slice(prefix.length);
  const joined = replacement.endsWith("/") && rest.startsWith("/") ? rest.slice(1) : rest;
  return replacement + joined + path.slice(pathname.length);
}

function stepOf({ because, path, destination }: TakenRoute): RouteStep {
  return {
    because,
    path,
    idleTimeout: idleTimeoutOf(because, destination),
    retries: retriesOf(because, destination),
  };
}

function idleTimeoutOf(from: string, destination: RouteDestination | null): Setting {
  const { IdleTimeout = 0 } = destination ?? {};
  if (IdleTimeout === 0) return { value: "5m", from: "Envoy's default" };
  return { value: IdleTimeout < 0 ? "no limit" : formatDuration(IdleTimeout), from };
}

function retriesOf(from: string, destination: RouteDestination | null): Setting {
  const {
    RetryOn = [],
    RetryOnStatusCodes = [],
    RetryOnConnectFailure = false,
    NumRetries = 0,
  } = destination ?? {};
  const conditions = [
    ...RetryOn,
    ...(RetryOnConnectFailure ? ["connect-failure"] : []),
    ...RetryOnStatusCodes.map((status) => `status ${status}`),
  ];
  if (conditions.length > 0) return { value: `${NumRetries || 1} on ${conditions.join(", ")}`, from };
  const value = `${NumRetries || 2} on what reached no instance`;
  return { value, from: NumRetries > 0 ? from : "the default" };
}

function firstUpstream(
  sources: readonly { readonly proxy: Row<ServiceInstance>; readonly sidecar: Sidecar | null }[],
  destination: string,
): FoundUpstream | null {
  const all = sources.flatMap(({ proxy, sidecar }) =>
    (sidecar?.upstreams ?? []).map((upstream) => ({ proxyId: proxy.ID, upstream })),
  );
  // An own service of that name goes before one of a peer, which can be told as `api?peer=cloud`.
  return (
    all.find(({ upstream }) => upstream.id === destination) ??
    all.find(({ upstream }) => upstream.service === destination) ??
    null
  );
}

function obstaclesOf(
  { source, destination }: AskedRequest,
  isSourceKnown: boolean,
  hasUpstream: boolean,
  ways: readonly Way[],
): string[] {
  return [
    ...(isSourceKnown
      ? []
      : [
          `no proxy stands beside a service "${source}": nothing of it takes part in the mesh, and no gateway of that name leads to "${destination}"`,
        ]),
    ...(isSourceKnown && !hasUpstream
      ? [
          `"${source}" has no upstream "${destination}": add upstreams { destination_name = "${destination}" } to its proxy`,
        ]
      : []),
    ...ways.filter(({ share }) => share > 0).flatMap((way) => obstaclesOn(source, way)),
  ];
}

function obstaclesOn(
  source: string,
  { share, target, service, reached, endpoints, failover, decision, beyond }: Way,
): string[] {
  const part = share === 100 ? "" : `${share}% of the requests: `;
  if (beyond !== null && beyond.problem !== null) return [`${part}${beyond.problem}`];
  const all = endpoints.length + failover.reduce((sum, step) => sum + step.all, 0);
  const healthy =
    endpoints.filter((endpoint) => endpoint.healthy).length +
    failover.reduce((sum, step) => sum + step.healthy, 0);
  const name = target.startsWith(`${service}.`) ? service : target;
  return [
    ...(all === 0 ? [`${part}no instance of "${name}" is registered with a proxy`] : []),
    ...(all > 0 && healthy === 0 ? [`${part}none of the ${all} instances of "${name}" is healthy`] : []),
    ...(decision.allowed ? [] : [`${part}"${source}" may not reach "${reached}"`]),
  ];
}
