import type { MessageInitShape } from "@bufbuild/protobuf";
import { TrafficDirection } from "#envoy/config/core/v3/base_pb.js";
import type { FilterChainSchema } from "#envoy/config/listener/v3/listener_components_pb.js";
import { ListenerSchema } from "#envoy/config/listener/v3/listener_pb.js";
import { OriginalDstSchema } from "#envoy/extensions/filters/listener/original_dst/v3/original_dst_pb.js";
import type { Outgoing } from "#mesh/mesh.ts";
import { hostPorts, outboundListenerName, type Sidecar, type VirtualUpstream } from "#mesh/sidecar.ts";
import { pack, type Resource, resource } from "../resource.ts";
import { accessLogs, listenerAccessLogs } from "./access-logs.ts";
import { directCluster, directName, ORIGINAL_DESTINATION, originalDestination } from "./direct-cluster.ts";
import { tcpProxy } from "./filters.ts";
import { hostChains, nobody, serverNamesAt } from "./host-chains.ts";
import { addressRange, socketAddress } from "./source.ts";
import { outboundFilter, statPrefix } from "./upstream-listener.ts";

type FilterChainInit = MessageInitShape<typeof FilterChainSchema>;
type Settings = Sidecar["settings"];

/** What a transparent proxy holds beside what every proxy does. */
export function transparentResources(sidecar: Sidecar, mesh: Outgoing): Resource[] {
  const dialed = sidecar.virtual.filter(({ direct }) => direct.length > 0);
  return [
    outboundListener(sidecar, mesh),
    originalDestination(),
    ...dialed.map(({ service }) => directCluster(service, mesh)),
  ];
}

/**
 * Where redirected connections come in: they are told apart by the address that they were meant for. What is
 * meant for no service of the mesh goes on as it is, unless the mesh forbids that.
 */
function outboundListener(sidecar: Sidecar, mesh: Outgoing): Resource {
  const { virtual, settings } = sidecar;
  const name = outboundListenerName(settings);
  // Envoy looks at the port first, and nowhere else once a chain has it: all others must be there too.
  const services = [ANY_PORT, ...hostPorts(sidecar).map(atPort)].flatMap((at) => [
    ...virtual.map((upstream) => virtualChain(upstream, settings, at)),
    ...virtual.flatMap((upstream) => directChain(upstream, settings, mesh, at)),
    nowhere(at),
  ]);
  return resource("listener", name, ListenerSchema, {
    name,
    address: socketAddress("127.0.0.1", settings.outboundPort),
    trafficDirection: TrafficDirection.OUTBOUND,
    accessLog: listenerAccessLogs(settings.accessLogs),
    listenerFilters: [
      {
        name: "envoy.filters.listener.original_dst",
        configType: { case: "typedConfig", value: pack(OriginalDstSchema, {}) },
      },
      ...serverNamesAt(sidecar),
    ],
    filterChains: [...services, ...hostChains(sidecar)],
    ...(!settings.meshDestinationsOnly && { defaultFilterChain: onwards(settings) }),
  });
}

/** At which port a chain holds, and what its name says of it. */
interface AtPort {
  readonly suffix: string;
  readonly match: { readonly destinationPort?: number };
}

const ANY_PORT: AtPort = { suffix: "", match: {} };
const atPort = (port: number): AtPort => ({ suffix: `:${port}`, match: { destinationPort: port } });

function virtualChain(upstream: VirtualUpstream, settings: Settings, at: AtPort): FilterChainInit {
  return {
    name: `${upstream.id}${at.suffix}`,
    filterChainMatch: { prefixRanges: upstream.addresses.map(addressRange), ...at.match },
    filters: [outboundFilter(upstream, settings)],
  };
}

/** Connections to one instance's own address are left where they were meant to go, but are the mesh's. */
function directChain(
  upstream: VirtualUpstream,
  settings: Settings,
  mesh: Outgoing,
  at: AtPort,
): FilterChainInit[] {
  if (upstream.direct.length === 0) return [];
  const cluster = directName(upstream.service, mesh);
  return [
    {
      name: `${cluster}${at.suffix}`,
      filterChainMatch: { prefixRanges: upstream.direct.map(addressRange), ...at.match },
      filters: [towards(cluster, statPrefix(upstream), settings)],
    },
  ];
}

/** Addresses that stand for services which may not be reached, or for none: refused at once. */
const nowhere = (at: AtPort): FilterChainInit => ({
  name: `no-service${at.suffix}`,
  filterChainMatch: { prefixRanges: [addressRange("240.0.0.0/4")], ...at.match },
  filters: [nobody],
});

function onwards(settings: Settings): FilterChainInit {
  return { filters: [towards(ORIGINAL_DESTINATION, `upstream.${ORIGINAL_DESTINATION}`, settings)] };
}

function towards(cluster: string, prefix: string, settings: Settings) {
  return tcpProxy({
    statPrefix: prefix,
    clusterSpecifier: { case: "cluster", value: cluster },
    accessLog: accessLogs(settings.accessLogs),
  });
}
