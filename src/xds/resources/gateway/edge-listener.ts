import type { MessageInitShape } from "@bufbuild/protobuf";
import { TrafficDirection } from "#envoy/config/core/v3/base_pb.js";
import type { FilterChainSchema } from "#envoy/config/listener/v3/listener_components_pb.js";
import { ListenerSchema } from "#envoy/config/listener/v3/listener_pb.js";
import { HttpConnectionManager_ForwardClientCertDetails } from "#envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import type { EdgeChain, EdgeGateway, EdgeListener } from "#mesh/gateway/edge-gateway.ts";
import type { ProxySettings } from "#mesh/proxy-settings.ts";
import { type Resource, resource } from "../../resource.ts";
import { accessLogs, listenerAccessLogs } from "../access-logs.ts";
import { connectionManager, type FilterInit, router, tcpProxy } from "../filters.ts";
import { grpcFilters } from "../grpc-filters.ts";
import { requestNormalization } from "../request-normalization.ts";
import { onlyCluster } from "../routes.ts";
import { fromAdsWithin, socketAddress } from "../source.ts";
import { tlsInspector } from "../tls-inspector.ts";
import { tracing } from "../tracing.ts";
import { serveTls } from "./edge-tls.ts";

/** Where clients outside of the mesh come in. */
export function edgeListener(listener: EdgeListener, { settings }: EdgeGateway): Resource {
  const name = `${listener.name}:${listener.address}:${listener.port}`;
  return resource("listener", name, ListenerSchema, {
    name,
    address: socketAddress(listener.address, listener.port),
    trafficDirection: TrafficDirection.OUTBOUND,
    accessLog: listenerAccessLogs(settings.accessLogs),
    filterChains: listener.chains.map((chain) => filterChain(chain, listener, settings)),
    listenerFilters: listener.chains.some(({ tls }) => tls !== null) ? [tlsInspector] : [],
  });
}

function filterChain(
  chain: EdgeChain,
  listener: EdgeListener,
  settings: ProxySettings,
): MessageInitShape<typeof FilterChainSchema> {
  return {
    ...(chain.serverNames.length > 0 && { filterChainMatch: { serverNames: [...chain.serverNames] } }),
    filters: [filterOf(chain, listener, settings)],
    ...(chain.tls && { transportSocket: serveTls(chain.tls, listener.protocol) }),
  };
}

function filterOf({ content }: EdgeChain, listener: EdgeListener, settings: ProxySettings): FilterInit {
  const statPrefix = `ingress_upstream_${listener.port}`;
  const accessLog = accessLogs(settings.accessLogs);
  if (content.kind === "connections") {
    const value = onlyCluster(content.chain);
    return tcpProxy({ statPrefix, accessLog, clusterSpecifier: { case: "cluster", value } });
  }
  const configSource = fromAdsWithin(settings.config.XdsFetchTimeoutMs);
  const limit = listener.maxRequestHeadersKB ?? settings.config.MaxRequestHeadersKB;
  return connectionManager({
    statPrefix,
    accessLog,
    routeSpecifier: { case: "rds", value: { routeConfigName: content.routes, configSource } },
    httpFilters: [...grpcFilters(listener.protocol), router()],
    http2ProtocolOptions: { allowConnect: true },
    ...(limit !== null && { maxRequestHeadersKb: limit }),
    // Clients are outside of the mesh: nothing that they say of themselves is believed.
    useRemoteAddress: true,
    forwardClientCertDetails: HttpConnectionManager_ForwardClientCertDetails.SANITIZE,
    ...requestNormalization(settings.http?.Incoming?.RequestNormalization ?? null),
    ...tracing(settings.config),
  });
}
