import type { ServiceInstance } from "#model/catalog.ts";
import type { ProxyPlacement } from "#node/server-link.ts";

/** A configuration in which each listener hands its connections on as they are, without TLS. */
export function staticEnvoy(
  { admin, adminSocket, proxyId }: ProxyPlacement,
  { Proxy: proxy }: ServiceInstance,
  instances: readonly ServiceInstance[],
) {
  const address = (host: string, port: number) => ({ socket_address: { address: host, port_value: port } });
  const routes = [
    {
      name: "inbound",
      listen: address("0.0.0.0", Number(proxy?.Config["bind_port"])),
      to: address(proxy?.LocalServiceAddress ?? "", proxy?.LocalServicePort || 1),
    },
    ...(proxy?.Upstreams ?? []).map((upstream) => {
      const target = instances.find(
        ({ Proxy: other }) => other?.DestinationServiceName === upstream.DestinationName,
      );
      return {
        name: upstream.DestinationName,
        listen: address(upstream.LocalBindAddress, upstream.LocalBindPort),
        to: address(target?.Address ?? "127.0.0.1", target?.Port ?? 1),
      };
    }),
    { name: "admin", listen: { pipe: { path: adminSocket } }, to: address(admin.address, admin.port) },
  ];
  return {
    node: { id: proxyId, cluster: proxy?.DestinationServiceName },
    admin: { address: address(admin.address, admin.port) },
    static_resources: {
      listeners: routes.map(({ name, listen }) => ({
        name,
        address: listen,
        filter_chains: [{ filters: [toCluster(name)] }],
      })),
      clusters: routes.map(({ name, to }) => ({
        name,
        type: "STATIC",
        load_assignment: {
          cluster_name: name,
          endpoints: [{ lb_endpoints: [{ endpoint: { address: to } }] }],
        },
      })),
    },
  };
}

function toCluster(cluster: string) {
  return {
    name: "envoy.filters.network.tcp_proxy",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
      stat_prefix: cluster,
      cluster,
    },
  };
}
