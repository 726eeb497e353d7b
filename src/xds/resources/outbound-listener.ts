import type { MessageInitShape } from "@bufbuild/protobuf";
import { TrafficDirection } from "#envoy/config/core/v3/base_pb.js";
import type { FilterChainSchema } from "#envoy/config/listener/v3/listener_components_pb.js";
import { ListenerSchema } from "#envoy/config/listener/v3/listener_pb.js";
import { OriginalDstSchema } from "#envoy/extensions/filters/listener/original_dst/v3/original_dst_pb.js";
import type { Outgoing } from "#mesh/mesh.ts";
import { outboundListenerName, type Sidecar, type VirtualUpstream } from "#mesh/sidecar.ts";
import { pack, type Resource, resource } from "../resource.ts";
import { accessLogs, listenerAccessLogs } from "./access-logs.ts";
import { directCluster, directName, ORIGINAL_DESTINATION, originalDestination } from "./direct-cluster.ts";
import { tcpProxy } from "./filters.ts";
import { socketAddress } from "./source.ts";
import { outboundFilter, statPrefix } from "./upstream-listener.ts";

type FilterChainInit = MessageInitShape<typeof FilterChainSchema>;
type Settings = Sidecar["settings"];

/** What a transparent proxy holds beside what every proxy does. */
export function transparentResources({ virtual, settings }: Sidecar, mesh: Outgoing): Resource[] {
  const dialed = virtual.filter(({ direct }) => direct.length > 0);
  return [
    outboundListener(virtual, settings, mesh),
    originalDestination(),
    ...dialed.map(({ service }) => directCluster(service, mesh)),
  ];
}

/**
 * Where redirected connections come in: they are told apart by the address that they were meant for. What is
 * meant for no service of the mesh goes on as it is, unless the mesh forbids that.
 */
function outboundListener(virtual: readonly VirtualUpstream[], settings: Settings, mesh: Outgoing): Resource {
  const name = outboundListenerName(settings);
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
    ],
    filterChains: [
      ...virtual.map((upstream) => virtualChain(upstream, settings)),
      ...virtual.flatMap((upstream) => directChain(upstream, settings, mesh)),
      nowhere,
    ],
    ...(!settings.meshDestinationsOnly && { defaultFilterChain: onwards(settings) }),
  });
}

function virtualChain(upstream: VirtualUpstream, settings: Settings): FilterChainInit {
  return {
    name: upstream.id,
    filterChainMatch: { prefixRanges: upstream.addresses.map(host) },
    filters: [outboundFilter(upstream, settings)],
  };
}

/** Connections to one instance's own address are left where they were meant to go, but are the mesh's. */
function directChain(upstream: VirtualUpstream, settings: Settings, mesh: Outgoing): FilterChainInit[] {
  if (upstream.direct.length === 0) return [];
  const cluster = directName(upstream.service, mesh);
  return [
    {
      name: cluster,
      filterChainMatch: { prefixRanges: upstream.direct.map(host) },
      filters: [towards(cluster, statPrefix(upstream), settings)],
    },
  ];
}

const host = (addressPrefix: string) => ({
  addressPrefix,
  prefixLen: addressPrefix.includes(":") ? 128 : 32,
});

/** Addresses that stand for services which may not be reached, or for none: refused at once. */
const nowhere: FilterChainInit = {
  name: "no-service",
  filterChainMatch: { prefixRanges: [{ addressPrefix: "240.0.0.0", prefixLen: 4 }] },
  filters: [
    tcpProxy({
      statPrefix: "upstream.no-service",
      clusterSpecifier: { case: "cluster", value: "no-service" },
    }),
  ],
};

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
