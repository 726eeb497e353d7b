import type { ServiceInstance } from "#model/catalog.ts";
import { readGatewayConfig } from "#model/config-entry/gateway-config.ts";

/** An address at which a gateway listens. Where its configuration says the ports, `port` is not used. */
export interface ListenAt {
  /** `default`, or the name that the registration gives it. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** The gateway's own address unless its registration leaves that out, its tagged addresses, and those that it names. */
export function listenAt({ Address, Port, TaggedAddresses, Proxy: proxy }: ServiceInstance): ListenAt[] {
  const config = readGatewayConfig(proxy?.Config ?? {});
  const own = { name: "default", address: Address || "0.0.0.0", port: Port };
  const tagged = config.EnvoyGatewayBindTaggedAddresses ? Object.entries(TaggedAddresses ?? {}) : [];
  const all = [
    ...(config.EnvoyGatewayNoDefaultBind ? [] : [own]),
    ...[...tagged, ...Object.entries(config.EnvoyGatewayBindAddresses)].map(([name, { Address, Port }]) => ({
      ...{ name, address: Address, port: Port > 0 ? Port : own.port },
    })),
  ];
  const byPlace = new Map(all.toReversed().map((place) => [`${place.address}:${place.port}`, place]));
  return all.filter((place) => byPlace.get(`${place.address}:${place.port}`) === place);
}
