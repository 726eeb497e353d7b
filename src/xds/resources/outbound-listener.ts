import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  Cluster_DiscoveryType,
  Cluster_LbPolicy,
  ClusterSchema,
} from "#envoy/config/cluster/v3/cluster_pb.js";
import { TrafficDirection } from "#envoy/config/core/v3/base_pb.js";
import type { FilterChainSchema } from "#envoy/config/listener/v3/listener_components_pb.js";
import { ListenerSchema } from "#envoy/config/listener/v3/listener_pb.js";
import { OriginalDstSchema } from "#envoy/extensions/filters/listener/original_dst/v3/original_dst_pb.js";
import type { Sidecar, VirtualUpstream } from "#mesh/sidecar.ts";
import { pack, type Resource, resource } from "../resource.ts";
import { accessLogs, listenerAccessLogs } from "./access-logs.ts";
import { tcpProxy } from "./filters.ts";
import { seconds, socketAddress } from "./source.ts";
import { outboundFilter } from "./upstream-listener.ts";

type FilterChainInit = MessageInitShape<typeof FilterChainSchema>;

const ORIGINAL_DESTINATION = "original-destination";

/**
 * Where redirected connections come in: they are told apart by the address that they were meant for. What is
 * meant for no service of the mesh goes on as it is, unless the mesh forbids that.
 */
export function outboundListener({ virtual, settings }: Sidecar): Resource {
  const name = `outbound_listener:127.0.0.1:${settings.outboundPort}`;
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
    filterChains: [...virtual.map((upstream) => virtualChain(upstream, settings)), nowhere],
    ...(!settings.meshDestinationsOnly && { defaultFilterChain: onwards(settings) }),
  });
}

function virtualChain(upstream: VirtualUpstream, settings: Sidecar["settings"]): FilterChainInit {
  const prefixRanges = [{ addressPrefix: upstream.address, prefixLen: 32 }];
  return {
    name: upstream.id,
    filterChainMatch: { prefixRanges },
    filters: [outboundFilter(upstream, settings)],
  };
}

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

function onwards(settings: Sidecar["settings"]): FilterChainInit {
  return {
    filters: [
      tcpProxy({
        statPrefix: `upstream.${ORIGINAL_DESTINATION}`,
        clusterSpecifier: { case: "cluster", value: ORIGINAL_DESTINATION },
        accessLog: accessLogs(settings.accessLogs),
      }),
    ],
  };
}

/** Wherever the connection was meant to go. */
export function originalDestination(): Resource {
  return resource("cluster", ORIGINAL_DESTINATION, ClusterSchema, {
    name: ORIGINAL_DESTINATION,
    clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.ORIGINAL_DST },
    lbPolicy: Cluster_LbPolicy.CLUSTER_PROVIDED,
    connectTimeout: seconds(5),
  });
}
