import type { ProxyRegistration, UpstreamRegistration } from "#model/catalog.ts";
import type { ServiceDefaults } from "#model/config-entry/config-entry.ts";
import { ownExtensions } from "./callers-extensions.ts";
import type { ProxyEntries } from "./proxy-settings.ts";

/** A proxy as it was registered, with what config entries say of it where it says nothing itself; Consul's rules. */
export function mergedProxy(proxy: ProxyRegistration, entries: ProxyEntries): ProxyRegistration {
  const { service, global } = entries;
  const central = [service, global];
  const transparent = [proxy.TransparentProxy, ...central.map((entry) => entry?.TransparentProxy)];
  const accessLogs = proxy.AccessLogs ?? global?.AccessLogs ?? null;
  const extensions = [...ownExtensions(global), ...ownExtensions(service), ...(proxy.EnvoyExtensions ?? [])];
  const gateway = [proxy.MeshGateway, service?.MeshGateway, global?.MeshGateway].find((one) => one?.Mode);
  const exposed = [proxy, ...central].flatMap((one) => one?.Expose?.Paths ?? []);
  return {
    ...proxy,
    Config: { ...global?.Config, ...ofService(service), ...proxy.Config },
    Mode: [proxy, ...central].map((one) => one?.Mode).find((mode) => mode) ?? "",
    TransparentProxy: {
      OutboundListenerPort: transparent.map((one) => one?.OutboundListenerPort).find((port) => port) ?? 0,
      DialedDirectly: transparent.some((one) => one?.DialedDirectly),
    },
    Upstreams: proxy.Upstreams.map((upstream) => mergedUpstream(upstream, service)),
    Expose: { ...proxy.Expose, Paths: exposed },
    ...(gateway && { MeshGateway: gateway }),
    ...(accessLogs && { AccessLogs: accessLogs }),
    ...(extensions.length > 0 && { EnvoyExtensions: extensions }),
  };
}

/** Under the keys of a proxy's `Config`. */
function ofService(service: ServiceDefaults | undefined): Record<string, unknown> {
  if (service === undefined) return {};
  const { LocalRequestTimeoutMs } = service;
  return {
    ...(LocalRequestTimeoutMs !== null && { local_request_timeout_ms: LocalRequestTimeoutMs }),
    ...stated({
      protocol: service.Protocol,
      max_inbound_connections: service.MaxInboundConnections,
      local_connect_timeout_ms: service.LocalConnectTimeoutMs,
      balance_inbound_connections: service.BalanceInboundConnections,
      max_request_headers_kb: service.MaxRequestHeadersKB,
    }),
  };
}

function mergedUpstream(
  upstream: UpstreamRegistration,
  service: ServiceDefaults | undefined,
): UpstreamRegistration {
  const { Defaults = null, Overrides = [] } = service?.UpstreamConfig ?? {};
  const { DestinationName, DestinationPeer, Config } = upstream;
  const override = Overrides.find(({ Name, Peer }) => Name === DestinationName && Peer === DestinationPeer);
  const central = [Defaults, override].map((settings) =>
    settings
      ? stated({
          protocol: settings.Protocol,
          connect_timeout_ms: settings.ConnectTimeoutMs,
          limits: settings.Limits,
          passive_health_check: settings.PassiveHealthCheck,
          mesh_gateway: settings.MeshGateway,
          balance_outbound_connections: settings.BalanceOutboundConnections,
          envoy_listener_json: settings.EnvoyListenerJSON,
          envoy_cluster_json: settings.EnvoyClusterJSON,
        })
      : {},
  );
  return { ...upstream, Config: Object.assign({}, ...central, Config) };
}

/** An empty text, a zero and nothing say nothing. */
function stated(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value));
}
