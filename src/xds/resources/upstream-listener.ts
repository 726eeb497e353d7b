import type { MessageInitShape } from "@bufbuild/protobuf";
import type { AddressSchema } from "#envoy/config/core/v3/address_pb.js";
import { TrafficDirection } from "#envoy/config/core/v3/base_pb.js";
import { ListenerSchema } from "#envoy/config/listener/v3/listener_pb.js";
import { HttpConnectionManager_ForwardClientCertDetails } from "#envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import type { ProxySettings } from "#mesh/proxy-settings.ts";
import { type Bind, listenerName, type Reachable, type Upstream } from "#mesh/sidecar.ts";
import { messageFromJson } from "../envoy-json.ts";
import { type Resource, resource } from "../resource.ts";
import { accessLogs, listenerAccessLogs } from "./access-logs.ts";
import { exactBalance } from "./connections.ts";
import { connectionManager, type FilterInit, MAY_BE_IDLE, router, tcpProxy } from "./filters.ts";
import { grpcFilters } from "./grpc-filters.ts";
import { hashes } from "./load-balancing.ts";
import { onlyCluster, onlyLoadBalancer } from "./routes.ts";
import { fromAdsWithin, pipeAddress, socketAddress } from "./source.ts";
import { tracing } from "./tracing.ts";

/** Where the task reaches another service: plain, on its own loopback interface. */
export function upstreamListener(upstream: Upstream, settings: ProxySettings): Resource {
  const name = listenerName(upstream);
  const { EnvoyListenerJSON: custom, BalanceOutboundConnections: balance } = upstream.settings;
  if (custom !== "" && upstream.chain.Default) {
    const listener = messageFromJson(ListenerSchema, JSON.parse(custom));
    listener.name = name;
    return resource("listener", name, ListenerSchema, listener);
  }
  return resource("listener", name, ListenerSchema, {
    name,
    address: bindAddress(upstream.bind),
    trafficDirection: TrafficDirection.OUTBOUND,
    ...exactBalance(balance),
    accessLog: listenerAccessLogs(settings.accessLogs),
    filterChains: [{ filters: [outboundFilter(upstream, settings)] }],
  });
}

/** What an upstream's connections go through, wherever they were taken. */
export function outboundFilter(upstream: Reachable, settings: ProxySettings): FilterInit {
  return upstream.chain.Protocol === "tcp" ? connections(upstream, settings) : requests(upstream, settings);
}

function connections(upstream: Reachable, { accessLogs: logs }: ProxySettings): FilterInit {
  const { chain } = upstream;
  const loadBalancer = onlyLoadBalancer(chain);
  const bySource = loadBalancer !== null && hashes(loadBalancer);
  return tcpProxy({
    statPrefix: statPrefix(upstream),
    clusterSpecifier: { case: "cluster", value: onlyCluster(chain) },
    ...(bySource && { hashPolicy: [{ policySpecifier: { case: "sourceIp", value: {} } }] }),
    accessLog: accessLogs(logs),
  });
}

function requests(upstream: Reachable, { accessLogs: logs, config }: ProxySettings): FilterInit {
  const limit = config.MaxRequestHeadersKB;
  return connectionManager({
    ...MAY_BE_IDLE,
    statPrefix: statPrefix(upstream),
    routeSpecifier: {
      case: "rds",
      value: { routeConfigName: upstream.id, configSource: fromAdsWithin(config.XdsFetchTimeoutMs) },
    },
    httpFilters: [...grpcFilters(upstream.chain.Protocol), router()],
    ...(limit !== null && { maxRequestHeadersKb: limit }),
    forwardClientCertDetails: HttpConnectionManager_ForwardClientCertDetails.SANITIZE,
    accessLog: accessLogs(logs),
    ...tracing(config),
  });
}

/** `upstream.<service>.<namespace>.<partition>.<datacenter>`: what statistics' tags are read from. */
export function statPrefix({ service, chain }: Reachable): string {
  return `upstream.${service}.default.default.${chain.Datacenter}`;
}

function bindAddress(bind: Bind): MessageInitShape<typeof AddressSchema> {
  if (bind.kind === "port") return socketAddress(bind.address, bind.port);
  return pipeAddress(bind.path, Number.parseInt(bind.mode || "0", 8));
}
