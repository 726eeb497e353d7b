import type { ServiceInstance } from "#model/catalog.ts";
import { type GatewayConfig, readGatewayConfig } from "#model/config-entry/gateway-config.ts";
import {
  type LoadBalancer,
  type Subset,
  subset as someInstances,
} from "#model/config-entry/service-resolver.ts";
import { canonical } from "#model/schema/canonical.ts";
import { millisecond, second } from "#model/schema/duration.ts";
import { serverName } from "../chain/place.ts";
import { type ProxySettings, proxySettings } from "../proxy-settings.ts";
import type { Elsewhere } from "./elsewhere.ts";
import { type ListenAt, listenAt } from "./listen-at.ts";
import type { GatewaySurroundings } from "./surroundings.ts";

/**
 * A gateway by which meshes and datacenters reach one another. It opens no connection: the server name, which
 * is the one thing of it that can be read, says where it goes on.
 */
export interface MeshGateway {
  readonly kind: "mesh";
  readonly id: string;
  readonly service: string;
  readonly settings: ProxySettings;
  readonly addresses: readonly ListenAt[];
  /** To the instances of the own datacenter's services. */
  readonly inward: readonly InwardPassage[];
  /** To the gateways of other datacenters and meshes. */
  readonly onward: readonly OnwardPassage[];
}

/** Connections for a service, or a subset of its instances. */
export interface InwardPassage {
  /** The server name, and the name of the cluster. */
  readonly cluster: string;
  readonly service: string;
  /** Which instances; where peers call it, those are meant that its resolver says. */
  readonly subset: Subset | "exported";
  readonly loadBalancer: LoadBalancer | null;
  /** Nanoseconds. */
  readonly connectTimeout: number;
}

export interface OnwardPassage {
  readonly cluster: string;
  /** What the server names that lead there have in common: `*.…`. */
  readonly serverName: string;
  readonly elsewhere: Elsewhere;
  /** Nanoseconds. */
  readonly connectTimeout: number;
  /** Null where connections that are idle are left to themselves. */
  readonly keepalive: Keepalive | null;
}

/** Seconds; 0 for the system's own. */
export interface Keepalive {
  readonly time: number;
  readonly interval: number;
  readonly probes: number;
}

/** From the registration of a `mesh-gateway` to what its Envoy must hold. */
export function meshGatewayOf(instance: ServiceInstance, mesh: GatewaySurroundings): MeshGateway | null {
  if (instance.Proxy === null) return null;
  const config = readGatewayConfig(instance.Proxy.Config);
  return {
    kind: "mesh",
    id: instance.ID,
    service: instance.Service,
    settings: proxySettings(instance.Proxy, mesh.entries(instance.Service)),
    addresses: listenAt(instance),
    inward: [
      ...mesh.reachedServices().flatMap((service) => passagesTo(service, config, mesh)),
      ...mesh.exported().map(
        ({ service, serverName }): InwardPassage => ({
          ...{ cluster: serverName, service, subset: "exported", loadBalancer: null },
          connectTimeout: connectTimeoutOf(config),
        }),
      ),
    ],
    onward: mesh.elsewhere().map(
      ({ elsewhere, cluster, serverName }): OnwardPassage => ({
        ...{ elsewhere, cluster, serverName },
        connectTimeout: connectTimeoutOf(config),
        keepalive: keepaliveOf(config),
      }),
    ),
  };
}

/** All instances of a service, and each of its subsets. */
function passagesTo(service: string, config: GatewayConfig, mesh: GatewaySurroundings): InwardPassage[] {
  const resolver = mesh.entry("service-resolver", service);
  const subsets = Object.entries(resolver?.Subsets ?? {});
  return [["", canonical(someInstances, {})] as const, ...subsets].map(([name, subset]) => {
    const place = { service, subset: name, datacenter: mesh.datacenter, peer: "" };
    const cluster = serverName(place, mesh.trustDomain());
    return {
      ...{ cluster, service, subset },
      loadBalancer: unhashed(resolver?.LoadBalancer ?? null),
      connectTimeout: resolver?.ConnectTimeout || connectTimeoutOf(config),
    };
  });
}

/** Of a connection that is not opened, there is nothing to be hashed. */
function unhashed(balancer: LoadBalancer | null): LoadBalancer | null {
  return balancer !== null && ["ring_hash", "maglev"].includes(balancer.Policy) ? null : balancer;
}

function connectTimeoutOf({ ConnectTimeoutMs }: GatewayConfig): number {
  return ConnectTimeoutMs * millisecond || 5 * second;
}

function keepaliveOf(config: GatewayConfig): Keepalive | null {
  if (!config.EnvoyGatewayRemoteTCPEnableKeepalive) return null;
  return {
    time: config.EnvoyGatewayRemoteTCPKeepaliveTime,
    interval: config.EnvoyGatewayRemoteTCPKeepaliveInterval,
    probes: config.EnvoyGatewayRemoteTCPKeepaliveProbes,
  };
}
