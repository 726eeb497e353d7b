import type { Message, MessageInitShape } from "@bufbuild/protobuf";
import type { AddressSchema } from "#envoy/config/core/v3/address_pb.js";
import type { TransportSocketSchema } from "#envoy/config/core/v3/base_pb.js";
import { TrafficDirection } from "#envoy/config/core/v3/base_pb.js";
import type { FilterSchema } from "#envoy/config/listener/v3/listener_components_pb.js";
import { ListenerSchema } from "#envoy/config/listener/v3/listener_pb.js";
import { RouterSchema } from "#envoy/extensions/filters/http/router/v3/router_pb.js";
import {
  HttpConnectionManager_CodecType,
  HttpConnectionManager_ForwardClientCertDetails,
  HttpConnectionManagerSchema,
  type HttpFilterSchema,
} from "#envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { TcpProxySchema } from "#envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy_pb.js";
import { DownstreamTlsContextSchema } from "#envoy/extensions/transport_sockets/tls/v3/tls_pb.js";
import { type Bind, listenerName, type Sidecar, type Upstream } from "#mesh/sidecar.ts";
import type { Protocol } from "#model/config-entry/config-entry.ts";
import { pack, type Resource, resource } from "../resource.ts";
import { accessName, HTTP_RBAC, NETWORK_RBAC } from "./access.ts";
import { tokensName } from "./access-tokens.ts";
import { LOCAL_APP } from "./clusters.ts";
import { requestNormalization } from "./request-normalization.ts";
import { inboundRoutes } from "./routes.ts";
import { LEAF, ROOTS, secretByName } from "./secrets.ts";
import { fromAds, socketAddress } from "./source.ts";

type FilterInit = MessageInitShape<typeof FilterSchema>;
type HttpFilterInit = MessageInitShape<typeof HttpFilterSchema>;

/** Where other proxies come in: mutual TLS, then who may, then the task. */
export function publicListener({ service, inbound }: Sidecar): Resource {
  const { address, port, protocol } = inbound;
  const name = `public_listener:${address}:${port}`;
  return resource("listener", name, ListenerSchema, {
    name,
    address: socketAddress(address, port),
    trafficDirection: TrafficDirection.INBOUND,
    filterChains: [
      {
        filters: protocol === "tcp" ? inboundTcp(service) : inboundHttp(service, inbound),
        transportSocket: requireMutualTls(protocol),
      },
    ],
  });
}

/** Where the task reaches another service: plain, on its own loopback interface. */
export function upstreamListener(upstream: Upstream): Resource {
  const name = listenerName(upstream);
  return resource("listener", name, ListenerSchema, {
    name,
    address: bindAddress(upstream.bind),
    trafficDirection: TrafficDirection.OUTBOUND,
    filterChains: [
      { filters: [upstream.protocol === "tcp" ? outboundTcp(upstream) : outboundHttp(upstream)] },
    ],
  });
}

function inboundTcp(service: string): FilterInit[] {
  const access: FilterInit = {
    name: accessName(service, "tcp"),
    configType: {
      case: "configDiscovery",
      value: { configSource: fromAds, typeUrls: [typeUrlOf(NETWORK_RBAC)] },
    },
  };
  return [access, tcpProxy("public_listener", LOCAL_APP)];
}

function inboundHttp(service: string, { protocol, normalization }: Sidecar["inbound"]): FilterInit[] {
  return [
    connectionManager({
      statPrefix: "public_listener",
      routeSpecifier: { case: "routeConfig", value: inboundRoutes() },
      httpFilters: [
        delivered(tokensName(service), JWT_AUTHN_TYPE),
        delivered(accessName(service, protocol), typeUrlOf(HTTP_RBAC)),
        router(),
      ],
      ...requestNormalization(normalization),
      forwardClientCertDetails: HttpConnectionManager_ForwardClientCertDetails.APPEND_FORWARD,
      setCurrentClientCertDetails: { subject: true, uri: true, dns: true, cert: true, chain: true },
    }),
  ];
}

/** A filter whose configuration comes as a resource of its own. */
function delivered(name: string, typeUrl: string): HttpFilterInit {
  return {
    name,
    configType: { case: "configDiscovery", value: { configSource: fromAds, typeUrls: [typeUrl] } },
  };
}

function outboundTcp({ id, target }: Upstream): FilterInit {
  return tcpProxy(`upstream.${id}.default.default.${target.datacenter}`, target.name);
}

function outboundHttp({ id, target }: Upstream): FilterInit {
  return connectionManager({
    statPrefix: `upstream.${id}.default.default.${target.datacenter}`,
    routeSpecifier: { case: "rds", value: { routeConfigName: id, configSource: fromAds } },
    httpFilters: [router()],
    forwardClientCertDetails: HttpConnectionManager_ForwardClientCertDetails.SANITIZE,
  });
}

export function connectionManager(
  options: Exclude<MessageInitShape<typeof HttpConnectionManagerSchema>, Message>,
): FilterInit {
  return filter(
    "envoy.filters.network.http_connection_manager",
    pack(HttpConnectionManagerSchema, {
      codecType: HttpConnectionManager_CodecType.AUTO,
      upgradeConfigs: [{ upgradeType: "websocket" }],
      ...options,
    }),
  );
}

function tcpProxy(statPrefix: string, cluster: string): FilterInit {
  return filter(
    "envoy.filters.network.tcp_proxy",
    pack(TcpProxySchema, { statPrefix, clusterSpecifier: { case: "cluster", value: cluster } }),
  );
}

export function router(): HttpFilterInit {
  return {
    name: "envoy.filters.http.router",
    configType: { case: "typedConfig", value: pack(RouterSchema, {}) },
  };
}

function filter(name: string, value: ReturnType<typeof pack>): FilterInit {
  return { name, configType: { case: "typedConfig", value } };
}

function requireMutualTls(protocol: Protocol): MessageInitShape<typeof TransportSocketSchema> {
  return {
    name: "envoy.transport_sockets.tls",
    configType: {
      case: "typedConfig",
      value: pack(DownstreamTlsContextSchema, {
        requireClientCertificate: true,
        commonTlsContext: {
          alpnProtocols: protocol === "tcp" ? [] : ["h2", "http/1.1"],
          tlsCertificateSdsSecretConfigs: [secretByName(LEAF)],
          validationContextType: { case: "validationContextSdsSecretConfig", value: secretByName(ROOTS) },
        },
      }),
    },
  };
}

function bindAddress(bind: Bind): MessageInitShape<typeof AddressSchema> {
  if (bind.kind === "port") return socketAddress(bind.address, bind.port);
  const mode = Number.parseInt(bind.mode || "0", 8);
  return { address: { case: "pipe", value: { path: bind.path, mode } } };
}

const JWT_AUTHN_TYPE = "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication";

function typeUrlOf(filterName: string): string {
  const path = filterName === HTTP_RBAC ? "http" : "network";
  return `type.googleapis.com/envoy.extensions.filters.${path}.rbac.v3.RBAC`;
}
