import type { MessageInitShape } from "@bufbuild/protobuf";
import { TrafficDirection } from "#envoy/config/core/v3/base_pb.js";
import type { FilterChainSchema } from "#envoy/config/listener/v3/listener_components_pb.js";
import { ListenerSchema } from "#envoy/config/listener/v3/listener_pb.js";
import { SniClusterSchema } from "#envoy/extensions/filters/network/sni_cluster/v3/sni_cluster_pb.js";
import type { ListenAt } from "#mesh/gateway/listen-at.ts";
import type { MeshGateway, OnwardPassage } from "#mesh/gateway/mesh-gateway.ts";
import { pack, type Resource, resource } from "../../resource.ts";
import { accessLogs, listenerAccessLogs } from "../access-logs.ts";
import { filter, tcpProxy } from "../filters.ts";
import { socketAddress } from "../source.ts";
import { tlsInspector } from "../tls-inspector.ts";

type FilterChainInit = MessageInitShape<typeof FilterChainSchema>;

/** Where a mesh gateway takes connections. Without anything to lead to, it takes and ends them. */
export function meshListener(at: ListenAt, gateway: MeshGateway): Resource {
  const name = `${at.name}:${at.address}:${at.port}`;
  return resource("listener", name, ListenerSchema, {
    name,
    address: socketAddress(at.address, at.port),
    trafficDirection: TrafficDirection.UNSPECIFIED,
    accessLog: listenerAccessLogs(gateway.settings.accessLogs),
    filterChains: gateway.onward.map((passage) => onward(passage, gateway)),
    defaultFilterChain: byServerName(gateway),
    listenerFilters: [tlsInspector],
  });
}

function onward(
  { cluster, serverName, elsewhere }: OnwardPassage,
  { settings }: MeshGateway,
): FilterChainInit {
  return {
    filterChainMatch: { serverNames: [serverName] },
    filters: [
      tcpProxy({
        statPrefix: `mesh_gateway_remote.${elsewhere.name}`,
        clusterSpecifier: { case: "cluster", value: cluster },
        accessLog: accessLogs(settings.accessLogs),
      }),
    ],
  };
}

/** The server name is that of a cluster; where there is none such, the connection ends. */
function byServerName({ settings }: MeshGateway): FilterChainInit {
  return {
    filters: [
      filter("envoy.filters.network.sni_cluster", pack(SniClusterSchema, {})),
      tcpProxy({
        statPrefix: "mesh_gateway_local",
        clusterSpecifier: { case: "cluster", value: "" },
        accessLog: accessLogs(settings.accessLogs),
      }),
    ],
  };
}
