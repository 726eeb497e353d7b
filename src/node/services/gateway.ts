import type { ServiceInstance } from "#model/catalog.ts";
import type { Gateway, GatewayBindAddress, GatewayProxy } from "#model/job/gateway.ts";
import { lanPortLabel, roleOfGateway, serviceKindOf } from "#model/job/proxy-kind.ts";
import type { Service } from "#model/job/service.ts";
import { millisecond } from "#model/schema/duration.ts";
import type { AssignedAllocation } from "../server-link.ts";
import { locate, portOf, type ServicePlace, type ServicePort } from "./service-place.ts";
import { statsTags } from "./sidecar.ts";

/** The instance of a gateway: `service` itself, as Consul's users know it from their catalog. */
export function gatewayInstance(
  place: ServicePlace,
  service: Service,
  gateway: Gateway,
  instance: ServiceInstance,
  port: ServicePort,
): ServiceInstance {
  const label = lanPortLabel(service.Name);
  const lan = portOf(place.allocation, label) === null ? null : locate(place, label, "auto");
  return {
    ...instance,
    Kind: serviceKindOf(roleOfGateway(gateway)),
    ...(gateway.Mesh && {
      TaggedAddresses: {
        lan: { Address: lan?.address ?? instance.Address, Port: lan?.port ?? instance.Port },
        wan: { Address: instance.Address, Port: instance.Port },
      },
    }),
    Proxy: {
      ...{ DestinationServiceName: "", DestinationServiceID: "" },
      ...{ LocalServiceAddress: "", LocalServicePort: 0, Mode: "", Upstreams: [], Expose: { Paths: [] } },
      Config: gateway.Proxy === null ? {} : config(place.allocation, gateway.Proxy, { wan: port, lan }),
    },
  };
}

/** Under the keys that Consul gives them. */
function config(
  allocation: AssignedAllocation,
  proxy: GatewayProxy,
  ports: { readonly wan: ServicePort; readonly lan: ServicePort | null },
): Record<string, unknown> {
  const addresses = Object.entries(proxy.EnvoyGatewayBindAddresses).map(
    ([name, { Address, Port }]: [string, GatewayBindAddress]) => {
      const own = name === "lan" && ports.lan !== null ? ports.lan : ports.wan;
      return [name, { Address, Port: Port === -1 ? own.inside : Port }];
    },
  );
  return {
    connect_timeout_ms: proxy.ConnectTimeout / millisecond,
    ...(addresses.length > 0 && { envoy_gateway_bind_addresses: Object.fromEntries(addresses) }),
    ...(proxy.EnvoyGatewayNoDefaultBind && { envoy_gateway_no_default_bind: true }),
    ...(proxy.EnvoyGatewayBindTaggedAddresses && { envoy_gateway_bind_tagged_addresses: true }),
    ...(proxy.EnvoyDNSDiscoveryType !== "" && { envoy_dns_discovery_type: proxy.EnvoyDNSDiscoveryType }),
    envoy_stats_tags: statsTags(allocation),
    ...proxy.Config,
  };
}
