import type { MessageInitShape } from "@bufbuild/protobuf";
import { TrafficDirection } from "#envoy/config/core/v3/base_pb.js";
import type { FilterChainSchema } from "#envoy/config/listener/v3/listener_components_pb.js";
import { ListenerSchema } from "#envoy/config/listener/v3/listener_pb.js";
import {
  HttpConnectionManager_ForwardClientCertDetails,
  HttpConnectionManager_ServerHeaderTransformation,
} from "#envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import type { Sidecar } from "#mesh/sidecar.ts";
import { type Resource, resource } from "../resource.ts";
import { connectionAccess, requestAccess } from "./access-filter.ts";
import { accessLogs, listenerAccessLogs } from "./access-logs.ts";
import { connectionLimit, exactBalance } from "./connections.ts";
import { customPublicListener } from "./custom-listener.ts";
import {
  type ConnectionManagerInit,
  connectionManager,
  type FilterInit,
  type HttpFilterInit,
  MAY_BE_IDLE,
  router,
  tcpProxy,
} from "./filters.ts";
import { grpcFilters } from "./grpc-filters.ts";
import { inboundRoutes } from "./inbound-routes.ts";
import { listenerKeepalive } from "./keepalive.ts";
import { LOCAL_APP } from "./local-cluster.ts";
import { rateLimitFilters } from "./rate-limit.ts";
import { requestNormalization } from "./request-normalization.ts";
import { socketAddress } from "./source.ts";
import { tlsInspector } from "./tls-inspector.ts";
import { tracing } from "./tracing.ts";
import { requireMutualTls } from "./transport.ts";

type FilterChainInit = MessageInitShape<typeof FilterChainSchema>;

const STAT_PREFIX = "public_listener";

/** Where other proxies come in: mutual TLS, then who may, then the task. */
export function publicListener(sidecar: Sidecar): Resource {
  const { inbound, settings } = sidecar;
  const name = `public_listener:${inbound.address}:${inbound.port}`;
  const custom = settings.config.EnvoyPublicListenerJSON;
  if (custom !== "") return customPublicListener(name, custom, sidecar);
  return resource("listener", name, ListenerSchema, {
    name,
    address: socketAddress(inbound.address, inbound.port),
    trafficDirection: TrafficDirection.INBOUND,
    socketOptions: listenerKeepalive,
    ...exactBalance(settings.config.BalanceInboundConnections),
    accessLog: listenerAccessLogs(settings.accessLogs),
    filterChains: [meshChain(sidecar), ...(settings.permissive ? [plainChain(sidecar)] : [])],
    listenerFilters: settings.permissive ? [tlsInspector] : [],
  });
}

function meshChain(sidecar: Sidecar): FilterChainInit {
  const { service, inbound, settings } = sidecar;
  return {
    filters: [
      ...connectionLimit(settings.config.MaxInboundConnections),
      ...(inbound.protocol === "tcp"
        ? [connectionAccess(service), toTask(sidecar)]
        : [requestsToTask(sidecar, requestAccess(service))]),
    ],
    transportSocket: requireMutualTls(inbound.protocol, settings.tls?.Incoming ?? null),
  };
}

/** Connections without TLS come from outside of the mesh: nobody knows who calls, and nobody is asked. */
function plainChain(sidecar: Sidecar): FilterChainInit {
  return {
    name: "permissive",
    filterChainMatch: { transportProtocol: "raw_buffer" },
    filters: [sidecar.inbound.protocol === "tcp" ? toTask(sidecar) : requestsToTask(sidecar, [])],
  };
}

function toTask({ settings }: Sidecar): FilterInit {
  return tcpProxy({
    statPrefix: STAT_PREFIX,
    clusterSpecifier: { case: "cluster", value: LOCAL_APP },
    accessLog: accessLogs(settings.accessLogs),
  });
}

function requestsToTask(sidecar: Sidecar, access: readonly HttpFilterInit[]): FilterInit {
  const { inbound, settings } = sidecar;
  const limit = settings.config.MaxRequestHeadersKB;
  return connectionManager({
    ...MAY_BE_IDLE,
    statPrefix: STAT_PREFIX,
    routeSpecifier: { case: "routeConfig", value: inboundRoutes(settings) },
    httpFilters: [
      ...grpcFilters(inbound.protocol),
      ...access,
      ...rateLimitFilters(settings.rateLimits),
      router({ suppressEnvoyHeaders: true }),
    ],
    // Headers about the proxies are the caller's proxy's, which would replace these.
    serverHeaderTransformation: HttpConnectionManager_ServerHeaderTransformation.PASS_THROUGH,
    http2ProtocolOptions: { allowConnect: true },
    ...(limit !== null && { maxRequestHeadersKb: limit }),
    ...requestNormalization(settings.http?.Incoming?.RequestNormalization ?? null),
    ...clientCertificate(settings.http?.SanitizeXForwardedClientCert ?? false),
    accessLog: accessLogs(settings.accessLogs),
    ...tracing(settings.config),
  });
}

/**
 * What the task is told of who called: the identity. Consul's proxies repeat the certificate and its chain on
 * every request, kilobytes that hardly anybody reads.
 */
function clientCertificate(hidden: boolean): ConnectionManagerInit {
  const { SANITIZE, APPEND_FORWARD } = HttpConnectionManager_ForwardClientCertDetails;
  if (hidden) return { forwardClientCertDetails: SANITIZE };
  return {
    forwardClientCertDetails: APPEND_FORWARD,
    setCurrentClientCertDetails: { uri: true },
  };
}
