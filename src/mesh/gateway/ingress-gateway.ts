import type { ServiceInstance } from "#model/catalog.ts";
import type { IngressGatewayEntry } from "#model/config-entry/config-entry.ts";
import type { Sds } from "#model/config-entry/gateway-tls.ts";
import type { ingressListener, ingressService, ingressTls } from "#model/config-entry/ingress-gateway.ts";
import { isHttpLike } from "#model/config-entry/protocol.ts";
import type { Value } from "#model/schema/schema.ts";
import { ChainError } from "../chain/chain-error.ts";
import type { CompiledChain } from "../chain/compiled-chain.ts";
import { proxySettings } from "../proxy-settings.ts";
import {
  chainsOf,
  type EdgeChain,
  type EdgeGateway,
  type EdgeHost,
  type EdgeLimits,
  type EdgeListener,
  type EdgeTls,
} from "./edge-gateway.ts";
import { listenAt } from "./listen-at.ts";
import type { GatewaySurroundings } from "./surroundings.ts";

type Listener = Value<typeof ingressListener>;
type Service = Value<typeof ingressService>;
type Tls = Value<typeof ingressTls>;

/** A service behind a listener, the wildcard already replaced by what it stands for. */
interface Served {
  readonly service: Service;
  readonly chain: CompiledChain;
}

/** From the registration of an `ingress-gateway` and the entry of its name to what its Envoy must hold. */
export function ingressGatewayOf(instance: ServiceInstance, mesh: GatewaySurroundings): EdgeGateway | null {
  if (instance.Proxy === null) return null;
  const entry = mesh.entry("ingress-gateway", instance.Service);
  const served = (entry?.Listeners ?? []).map((listener) => ({
    listener,
    services: servedBy(listener, mesh),
  }));
  const addresses = [...new Set(listenAt(instance).map(({ address }) => address))];
  const listeners = served
    .filter(({ services }) => services.length > 0)
    .flatMap(({ listener, services }) =>
      addresses.map((address) => listenerOf(address, listener, services, entry?.TLS ?? null)),
    );
  const limits = Object.fromEntries(
    served
      .flatMap(({ services }) => services)
      .toReversed()
      .map(({ service }) => [service.Name, limitsOf(service, entry?.Defaults ?? null)]),
  );
  return {
    kind: "edge",
    type: "ingress-gateway",
    id: instance.ID,
    service: instance.Service,
    settings: proxySettings(instance.Proxy, mesh.entries(instance.Service)),
    dnsNames: dnsNames(
      served.flatMap(({ services }) => services),
      mesh.datacenter,
    ),
    listeners,
    upstreams: chainsOf(listeners).map((chain) => ({ chain, limits })),
  };
}

/** Those whose own protocol is the listener's. */
function servedBy({ Protocol, Services }: Listener, mesh: GatewaySurroundings): Served[] {
  const named = new Set(Services.map(({ Name }) => Name));
  const all = Services.flatMap((service) =>
    service.Name === "*"
      ? mesh.meshServices().flatMap((Name) => (named.has(Name) ? [] : [{ ...service, Name }]))
      : [service],
  );
  return all.flatMap((service) => {
    const chain = mesh.chain(service.Name);
    return chain instanceof ChainError || chain.Protocol !== Protocol ? [] : [{ service, chain }];
  });
}

function listenerOf(
  address: string,
  { Port, Protocol, TLS }: Listener,
  services: readonly Served[],
  gatewayTls: Tls | null,
): EdgeListener {
  const tls = TLS ?? gatewayTls;
  const [first] = services;
  return {
    name: isHttpLike(Protocol) ? Protocol : (first?.service.Name ?? ""),
    ...{ address, port: Port, protocol: Protocol, maxRequestHeadersKB: null },
    chains: isHttpLike(Protocol)
      ? requestChains(Port, services, tls)
      : services.map(({ chain }) => ({
          ...{ serverNames: [], tls: tlsOf(tls, tls?.SDS ?? null), content: { kind: "connections", chain } },
        })),
  };
}

/** A service with a certificate of its own is found by the server name, the others by the Host header. */
function requestChains(port: number, services: readonly Served[], tls: Tls | null): EdgeChain[] {
  const own = services.filter(({ service }) => service.TLS?.SDS);
  const others = services.filter(({ service }) => !service.TLS?.SDS);
  const chains = own.map(({ service, chain }): EdgeChain => {
    const sds = completed(service.TLS?.SDS ?? null, tls);
    return {
      serverNames: service.Hosts,
      tls: tlsOf(tls, sds),
      content: {
        kind: "requests",
        routes: `${port}_${service.Name}`,
        hosts: [hostOf({ service, chain })],
      },
    };
  });
  if (others.length === 0) return chains;
  const content = { kind: "requests", routes: `${port}`, hosts: others.map(hostOf) } as const;
  return [...chains, { serverNames: [], tls: tlsOf(tls, tls?.SDS ?? null), content }];
}

/** What a service's own SDS leaves out is the listener's. */
function completed(own: Sds | null, tls: Tls | null): Sds | null {
  const { ClusterName = "", CertResource = "" } = tls?.SDS ?? {};
  return (
    own && {
      ClusterName: own.ClusterName || ClusterName,
      CertResource: own.CertResource || CertResource,
    }
  );
}

function tlsOf(tls: Tls | null, sds: Sds | null): EdgeTls | null {
  if (!tls?.Enabled && sds === null) return null;
  return {
    certificates: [
      sds === null ? { kind: "leaf" } : { kind: "sds", cluster: sds.ClusterName, name: sds.CertResource },
    ],
    minimum: tls?.TLSMinVersion ?? "",
    maximum: tls?.TLSMaxVersion ?? "",
    cipherSuites: tls?.CipherSuites ?? [],
  };
}

function hostOf({ service, chain }: Served): EdgeHost {
  const { Name, RequestHeaders, ResponseHeaders } = service;
  return { name: Name, domains: domainsOf(service), chain, RequestHeaders, ResponseHeaders };
}

/** Without hosts of its own a service answers to `<service>.ingress.<anything>`. */
function domainsOf({ Name, Hosts }: Service): readonly string[] {
  return Hosts.length > 0 ? Hosts : [`${Name}.ingress.*`];
}

function limitsOf(service: Service, defaults: IngressGatewayEntry["Defaults"]): EdgeLimits {
  const limits = {
    MaxConnections: service.MaxConnections ?? defaults?.MaxConnections ?? null,
    MaxPendingRequests: service.MaxPendingRequests ?? defaults?.MaxPendingRequests ?? null,
    MaxConcurrentRequests: service.MaxConcurrentRequests ?? defaults?.MaxConcurrentRequests ?? null,
  };
  return { limits, passiveHealthCheck: service.PassiveHealthCheck ?? defaults?.PassiveHealthCheck ?? null };
}

/** `*.ingress.consul` and the hosts of its services, none of which stands for all of them. */
function dnsNames(services: readonly Served[], datacenter: string): string[] {
  const hosts = services.flatMap(({ service }) => service.Hosts).filter((host) => host !== "*");
  return [...new Set(["*.ingress.consul", `*.ingress.${datacenter}.consul`, ...hosts])];
}
