import type { ServiceInstance } from "#model/catalog.ts";
import { readGatewayConfig } from "#model/config-entry/gateway-config.ts";
import type { Protocol } from "#model/config-entry/protocol.ts";
import type { EnvoyExtension } from "#model/config-entry/proxy-settings.ts";
import {
  type LoadBalancer,
  type Subset,
  subset as someInstances,
} from "#model/config-entry/service-resolver.ts";
import type { linkedService } from "#model/config-entry/terminating-gateway.ts";
import { canonical } from "#model/schema/canonical.ts";
import { millisecond, second } from "#model/schema/duration.ts";
import type { Value } from "#model/schema/schema.ts";
import { callersExtensions } from "../callers-extensions.ts";
import { serverName } from "../chain/place.ts";
import { outsideHosts } from "../outside-hosts.ts";
import { type ProxySettings, proxySettings } from "../proxy-settings.ts";
import { type ListenAt, listenAt } from "./listen-at.ts";
import type { GatewaySurroundings } from "./surroundings.ts";

export type LinkedService = Value<typeof linkedService>;

/** A gateway that lets services of the mesh reach services outside. */
export interface TerminatingGateway {
  readonly kind: "terminating";
  readonly id: string;
  readonly service: string;
  readonly settings: ProxySettings;
  readonly addresses: readonly ListenAt[];
  readonly services: readonly OutsideService[];
}

/** A service outside, as the gateway stands for it in the mesh: it shows that service's certificate. */
export interface OutsideService {
  readonly link: LinkedService;
  readonly protocol: Protocol;
  readonly targets: readonly OutsideTarget[];
  /** What it asks of its callers, of which the gateway is one. */
  readonly extensions: readonly EnvoyExtension[];
}

/** All of a service's instances, or a subset of them. */
export interface OutsideTarget {
  /** What sidecars ask for; the name of its cluster and of its routes. */
  readonly name: string;
  readonly service: string;
  readonly subset: Subset;
  /** One host of those that the service stands for; empty for all of its instances. */
  readonly host: string;
  readonly loadBalancer: LoadBalancer | null;
  /** Nanoseconds. */
  readonly connectTimeout: number;
  /** Nanoseconds; 0 for no limit. */
  readonly requestTimeout: number;
  readonly discovery: "logical" | "strict";
}

/** From the registration of a `terminating-gateway` and the entry of its name to what its Envoy must hold. */
export function terminatingGatewayOf(
  instance: ServiceInstance,
  mesh: GatewaySurroundings,
): TerminatingGateway | null {
  if (instance.Proxy === null) return null;
  const links = linksOf(instance.Service, mesh);
  return {
    kind: "terminating",
    id: instance.ID,
    service: instance.Service,
    settings: proxySettings(instance.Proxy, mesh.entries(instance.Service)),
    addresses: listenAt(instance),
    services: links.map((link) => ({
      ...{ link, protocol: mesh.protocol(link.Name) },
      targets: targetsOf(link.Name, instance, mesh),
      extensions: callersExtensions(mesh.entry("service-defaults", link.Name)),
    })),
  };
}

/** The linked services of a gateway; the wildcard stands for those that have instances and no proxies. */
export function linksOf(
  gateway: string,
  { entry, outsideServices }: Pick<GatewaySurroundings, "entry" | "outsideServices">,
): LinkedService[] {
  const links = entry("terminating-gateway", gateway)?.Services ?? [];
  const named = new Set(links.map(({ Name }) => Name));
  return links.flatMap((link) =>
    link.Name === "*"
      ? outsideServices().flatMap((Name) => (named.has(Name) ? [] : [{ ...link, Name }]))
      : [link],
  );
}

function targetsOf(service: string, { Proxy: proxy }: ServiceInstance, mesh: GatewaySurroundings) {
  const config = readGatewayConfig(proxy?.Config ?? {});
  const resolver = mesh.entry("service-resolver", service);
  const everything = canonical(someInstances, {});
  const subsets = Object.entries(resolver?.Subsets ?? {});
  const standard = subsets.find(([name]) => name === resolver?.DefaultSubset)?.[1] ?? everything;
  const nameOf = (subset: string) =>
    serverName({ service, subset, datacenter: mesh.datacenter, peer: "" }, mesh.trustDomain());
  const hosts = outsideHosts(mesh.entry("service-defaults", service), mesh);
  const places = [
    ...[["", standard] as const, ...subsets].map(([name, subset]) => ({
      name: nameOf(name),
      subset,
      host: "",
    })),
    ...hosts.map(({ name, host }) => ({ name, subset: everything, host })),
  ];
  return places.map(
    ({ name, subset, host }): OutsideTarget => ({
      ...{ name, service, subset, host },
      loadBalancer: resolver?.LoadBalancer ?? null,
      connectTimeout: resolver?.ConnectTimeout || config.ConnectTimeoutMs * millisecond || 5 * second,
      requestTimeout: resolver?.RequestTimeout ?? 0,
      discovery: config.EnvoyDNSDiscoveryType.toLowerCase() === "strict_dns" ? "strict" : "logical",
    }),
  );
}
