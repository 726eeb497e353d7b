import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  FilterChainSchema,
  ListenerFilterSchema,
} from "#envoy/config/listener/v3/listener_components_pb.js";
import type { VirtualHostSchema } from "#envoy/config/route/v3/route_components_pb.js";
import { HttpConnectionManager_ForwardClientCertDetails } from "#envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { isAddress, type OutsideHost } from "#mesh/outside-hosts.ts";
import type { Sidecar, VirtualUpstream } from "#mesh/sidecar.ts";
import { accessLogs } from "./access-logs.ts";
import { ORIGINAL_DESTINATION } from "./direct-cluster.ts";
import { connectionManager, type FilterInit, MAY_BE_IDLE, router, tcpProxy } from "./filters.ts";
import { addressRange, seconds } from "./source.ts";
import { tlsInspector } from "./tls-inspector.ts";
import { tracing } from "./tracing.ts";
import { statPrefix } from "./upstream-listener.ts";

/** How redirected connections to hosts outside are told apart, which a terminating gateway leads to. */

type FilterChainInit = MessageInitShape<typeof FilterChainSchema>;
type Settings = Sidecar["settings"];

interface Placed extends OutsideHost {
  readonly upstream: VirtualUpstream;
}

const placed = (virtual: readonly VirtualUpstream[]): Placed[] =>
  virtual.flatMap((upstream) => upstream.hosts.map((host) => ({ ...host, upstream })));

/** Refused at once: there is no such cluster. */
export const nobody = tcpProxy({
  statPrefix: "upstream.no-service",
  clusterSpecifier: { case: "cluster", value: "no-service" },
});

const seesRequests = ({ upstream }: Placed) => upstream.chain.Protocol !== "tcp";

/**
 * By the address; where only a name is known, by the server name of TLS, or by the host of a request where the
 * service speaks HTTP. The first of several that cannot be told apart is meant, and what is refused is refused.
 */
export function hostChains({ virtual, refused, settings }: Sidecar): FilterChainInit[] {
  const hosts = placed(virtual);
  const byAddress = hosts.filter(isAddress).map((host) => chainOf(host, settings));
  const byName = hosts.filter((host) => !isAddress(host) && !seesRequests(host));
  const byRequest = hosts.filter((host) => !isAddress(host) && seesRequests(host));
  const chains = [
    ...refused.map((host) => ({ name: host.name, filterChainMatch: matchOf(host), filters: [nobody] })),
    ...byAddress,
    ...byName.map((host) => chainOf(host, settings)),
    ...[...Map.groupBy(byRequest, ({ port }) => port)].map(([port, shared]) =>
      requestsChain(port, shared, settings),
    ),
  ];
  return [
    ...new Map(chains.toReversed().map((chain) => [JSON.stringify(chain.filterChainMatch), chain])).values(),
  ];
}

/** Where TLS tells the host; elsewhere nobody waits for the client's first bytes. */
export function serverNamesAt({
  virtual,
  refused,
}: Sidecar): MessageInitShape<typeof ListenerFilterSchema>[] {
  const reached = placed(virtual).filter((host) => !seesRequests(host));
  const named = [...reached, ...refused].filter((host) => !isAddress(host));
  const ports = [...new Set(named.map(({ port }) => port))];
  if (ports.length === 0) return [];
  const rules = ports.map((port) => ({
    rule: { case: "destinationPortRange" as const, value: { start: port, end: port + 1 } },
  }));
  // A list of alternatives has two of them at least.
  const any = rules.length === 1 ? rules[0] : { rule: { case: "orMatch" as const, value: { rules } } };
  return any === undefined
    ? []
    : [{ ...tlsInspector, filterDisabled: { rule: { case: "notMatch" as const, value: any } } }];
}

function matchOf(host: OutsideHost) {
  return isAddress(host)
    ? { destinationPort: host.port, prefixRanges: [addressRange(host.host)] }
    : { destinationPort: host.port, serverNames: [host.host] };
}

function chainOf(host: Placed, settings: Settings): FilterChainInit {
  const filter = seesRequests(host)
    ? requests(statPrefix(host.upstream), [virtualHost(host.name, ["*"], host.name)], settings)
    : connections(host, settings);
  return {
    name: host.name,
    filterChainMatch: matchOf(host),
    filters: [filter],
  };
}

/** Requests to other hosts at that port go on as they are, unless the mesh forbids that. */
function requestsChain(port: number, hosts: readonly Placed[], settings: Settings): FilterChainInit {
  const known = hosts.map(({ host, name }) => virtualHost(name, [host, `${host}:${port}`], name));
  const others = settings.meshDestinationsOnly
    ? []
    : [virtualHost(ORIGINAL_DESTINATION, ["*"], ORIGINAL_DESTINATION)];
  return {
    name: `hosts:${port}`,
    filterChainMatch: { destinationPort: port },
    filters: [requests(`upstream.hosts_${port}`, [...known, ...others], settings)],
  };
}

function connections({ name, upstream }: Placed, settings: Settings): FilterInit {
  return tcpProxy({
    statPrefix: statPrefix(upstream),
    clusterSpecifier: { case: "cluster", value: name },
    accessLog: accessLogs(settings.accessLogs),
  });
}

type VirtualHostInit = MessageInitShape<typeof VirtualHostSchema>;

function virtualHost(name: string, domains: readonly string[], cluster: string): VirtualHostInit {
  const action = {
    case: "route" as const,
    value: { clusterSpecifier: { case: "cluster" as const, value: cluster }, timeout: seconds(0) },
  };
  return {
    ...{ name, domains: [...domains] },
    routes: [{ match: { pathSpecifier: { case: "prefix", value: "/" } }, action }],
  };
}

function requests(prefix: string, virtualHosts: VirtualHostInit[], settings: Settings): FilterInit {
  const limit = settings.config.MaxRequestHeadersKB;
  return connectionManager({
    ...MAY_BE_IDLE,
    statPrefix: prefix,
    routeSpecifier: { case: "routeConfig", value: { name: prefix, virtualHosts } },
    httpFilters: [router()],
    ...(limit !== null && { maxRequestHeadersKb: limit }),
    forwardClientCertDetails: HttpConnectionManager_ForwardClientCertDetails.SANITIZE,
    accessLog: accessLogs(settings.accessLogs),
    ...tracing(settings.config),
  });
}
