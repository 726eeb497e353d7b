import type { MessageInitShape } from "@bufbuild/protobuf";
import { TrafficDirection } from "#envoy/config/core/v3/base_pb.js";
import type { FilterChainSchema } from "#envoy/config/listener/v3/listener_components_pb.js";
import { ListenerSchema } from "#envoy/config/listener/v3/listener_pb.js";
import { HttpConnectionManager_ForwardClientCertDetails } from "#envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import type { ListenAt } from "#mesh/gateway/listen-at.ts";
import type { OutsideService, OutsideTarget, TerminatingGateway } from "#mesh/gateway/terminating-gateway.ts";
import { type Resource, resource } from "../../resource.ts";
import { connectionAccess, requestAccess } from "../access-filter.ts";
import { accessLogs, listenerAccessLogs } from "../access-logs.ts";
import { connectionManager, type FilterInit, MAY_BE_IDLE, router, tcpProxy } from "../filters.ts";
import { grpcFilters } from "../grpc-filters.ts";
import { requestNormalization } from "../request-normalization.ts";
import { callersName, leafName } from "../secrets.ts";
import { fromAdsWithin, socketAddress } from "../source.ts";
import { tlsInspector } from "../tls-inspector.ts";
import { tracing } from "../tracing.ts";
import { requireMutualTls } from "../transport.ts";

/** Where sidecars come for services outside: told apart by the server name that they ask for. */
export function terminatingListener(at: ListenAt, gateway: TerminatingGateway): Resource {
  const name = `${at.name}:${at.address}:${at.port}`;
  const { settings } = gateway;
  return resource("listener", name, ListenerSchema, {
    name,
    address: socketAddress(at.address, at.port),
    trafficDirection: TrafficDirection.OUTBOUND,
    accessLog: listenerAccessLogs(settings.accessLogs),
    filterChains: gateway.services.flatMap((service) =>
      service.targets.map((target) => chainOf(service, target, gateway)),
    ),
    defaultFilterChain: nowhere,
    listenerFilters: [tlsInspector],
  });
}

/** Who asks for a service that is not linked gets no answer; and the port is open without any service, too. */
const nowhere: MessageInitShape<typeof FilterChainSchema> = {
  filters: [
    tcpProxy({
      statPrefix: "terminating_gateway.default",
      clusterSpecifier: { case: "cluster", value: "" },
    }),
  ],
};

function chainOf(
  { link, protocol }: OutsideService,
  target: OutsideTarget,
  { settings }: TerminatingGateway,
): MessageInitShape<typeof FilterChainSchema> {
  return {
    filterChainMatch: { serverNames: [target.name] },
    filters:
      protocol === "tcp"
        ? [connectionAccess(link.Name), connections(target, settings)]
        : [requests(link.Name, protocol, target, settings)],
    transportSocket: requireMutualTls(protocol, settings.tls?.Incoming ?? null, {
      leaf: leafName(link.Name),
      callers: callersName(link.Name),
    }),
  };
}

function connections({ name, service }: OutsideTarget, settings: TerminatingGateway["settings"]): FilterInit {
  return tcpProxy({
    statPrefix: statPrefix(service),
    clusterSpecifier: { case: "cluster", value: name },
    accessLog: accessLogs(settings.accessLogs),
  });
}

function requests(
  service: string,
  protocol: OutsideService["protocol"],
  { name }: OutsideTarget,
  settings: TerminatingGateway["settings"],
): FilterInit {
  const configSource = fromAdsWithin(settings.config.XdsFetchTimeoutMs);
  const limit = settings.config.MaxRequestHeadersKB;
  return connectionManager({
    ...MAY_BE_IDLE,
    statPrefix: statPrefix(service),
    routeSpecifier: { case: "rds", value: { routeConfigName: name, configSource } },
    httpFilters: [...grpcFilters(protocol), ...requestAccess(service), router()],
    http2ProtocolOptions: { allowConnect: true },
    ...(limit !== null && { maxRequestHeadersKb: limit }),
    ...requestNormalization(settings.http?.Incoming?.RequestNormalization ?? null),
    // Nothing outside is told who called.
    forwardClientCertDetails: HttpConnectionManager_ForwardClientCertDetails.SANITIZE,
    accessLog: accessLogs(settings.accessLogs),
    ...tracing(settings.config),
  });
}

const statPrefix = (service: string) => `terminating_gateway.${service}.default.default`;
