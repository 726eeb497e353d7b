import type { ProxyRegistration, ServiceInstance, UpstreamRegistration } from "#model/catalog.ts";
import type { Protocol } from "#model/config-entry/protocol.ts";
import type { EnvoyExtension } from "#model/config-entry/proxy-settings.ts";
import { millisecond } from "#model/schema/duration.ts";
import type { ReachableService } from "./access.ts";
import { ChainError } from "./chain/chain-error.ts";
import type { ChainOverrides, CompiledChain } from "./chain/compiled-chain.ts";
import { type ExposedListener, type ExposureSurroundings, exposedBy } from "./exposed-listeners.ts";
import type { OutsideHost } from "./outside-hosts.ts";
import { type ProxyEntries, type ProxySettings, proxySettings } from "./proxy-settings.ts";
import { type UpstreamSettings, upstreamSettings } from "./upstream-settings.ts";

/** Where a proxy listens for its own task: an address and port, or a socket in the file system. */
export type Bind =
  | { readonly kind: "port"; readonly address: string; readonly port: number }
  | { readonly kind: "socket"; readonly path: string; readonly mode: string };

/** A service that the task reaches through its own proxy. */
export interface Reachable {
  /** How Consul names it in listeners, routes and statistics: `db`, `db?dc=dc2`, `db?peer=cloud`. */
  readonly id: string;
  readonly service: string;
  /** Whose service it is; empty for an own one. */
  readonly peer: string;
  readonly chain: CompiledChain;
  readonly settings: UpstreamSettings;
  /** What it asks of the proxies that call it. */
  readonly extensions: readonly EnvoyExtension[];
}

/** One that the task calls at a port or socket of the proxy's. */
export interface Upstream extends Reachable {
  readonly bind: Bind;
}

/** One that the task calls at an address which stands for it everywhere. */
export interface VirtualUpstream extends Reachable {
  /** The first is its own, the others an operator has given it. */
  readonly addresses: readonly string[];
  /** Of single instances, which the task may call one by one. */
  readonly direct: readonly string[];
  /** Outside, for which it stands: the task calls them as if there were no mesh. */
  readonly hosts: readonly OutsideHost[];
}

/** What the proxy beside one instance of a service must hold. */
export interface Sidecar {
  readonly id: string;
  readonly service: string;
  readonly settings: ProxySettings;
  readonly inbound: {
    readonly address: string;
    readonly port: number;
    readonly protocol: Protocol;
    readonly localAddress: string;
    readonly localPort: number;
    /** In place of address and port; empty for none. */
    readonly localSocket: string;
  };
  readonly upstreams: readonly Upstream[];
  /** Of a transparent proxy alone. */
  readonly virtual: readonly VirtualUpstream[];
  /** Hosts outside that intentions keep from it; of a transparent proxy alone. */
  readonly refused: readonly OutsideHost[];
  readonly exposed: readonly ExposedListener[];
}

/** What a sidecar's configuration takes from the rest of the mesh. */
export interface SidecarSurroundings extends ExposureSurroundings {
  readonly datacenter: string;
  protocol(service: string): Protocol;
  chain(
    service: string,
    overrides: ChainOverrides,
    datacenter: string,
    peer: string,
  ): CompiledChain | ChainError;
  /** Other services that may be reached from this one, with their virtual addresses. */
  reachable(service: string): readonly ReachableService[];
  /** What a service asks of the proxies that call it. */
  callersExtensions(service: string): readonly EnvoyExtension[];
  /** Those outside that a service stands for, where a gateway leads to them. */
  outsideHosts(service: string): readonly OutsideHost[];
  /** Services that stand for hosts outside. */
  servicesWithHosts(): readonly string[];
  /** Addresses of single instances that may be dialled. */
  dialedDirectly(service: string): readonly string[];
  /** The entries that speak of the proxies of a service. */
  entries(service: string): ProxyEntries;
}

/** From the registration of a `connect-proxy` to what its Envoy must hold. */
export function sidecarOf(
  instance: ServiceInstance,
  proxy: ProxyRegistration,
  mesh: SidecarSurroundings,
): Sidecar {
  const service = proxy.DestinationServiceName;
  const entries = mesh.entries(service);
  const settings = proxySettings(proxy, entries);
  const address = settings.config.BindAddress || "0.0.0.0";
  const virtual = settings.transparent ? virtualUpstreams(service, proxy, entries, mesh) : [];
  return {
    id: instance.ID,
    service,
    settings,
    inbound: {
      address,
      port: settings.config.BindPort || instance.Port,
      protocol: mesh.protocol(service),
      localAddress: proxy.LocalServiceAddress,
      localPort: proxy.LocalServicePort,
      localSocket: proxy.LocalServiceSocketPath ?? "",
    },
    upstreams: proxy.Upstreams.flatMap((upstream) =>
      reachedBy(upstream, proxy, entries, mesh).map((reached) => ({ ...reached, bind: bindOf(upstream) })),
    ),
    virtual,
    refused: settings.transparent ? refusedHosts(virtual, mesh) : [],
    exposed: exposedBy(
      instance,
      [proxy.Expose, entries.service?.Expose, entries.global?.Expose],
      address,
      mesh,
    ),
  };
}

/** None where the entries that speak of it contradict one another, which no write lets happen. */
function reachedBy(
  upstream: Destination,
  proxy: ProxyRegistration,
  { service }: ProxyEntries,
  mesh: SidecarSurroundings,
): Reachable[] {
  const settings = upstreamSettings(upstream, service);
  const datacenter = upstream.Datacenter || mesh.datacenter;
  const overrides = {
    meshGateway: meshGatewayMode(
      upstream.MeshGateway?.Mode || settings.MeshGateway?.Mode || proxy.MeshGateway?.Mode,
    ),
    protocol: settings.Protocol,
    connectTimeout: settings.ConnectTimeoutMs * millisecond,
  } as const;
  const chain = mesh.chain(upstream.DestinationName, overrides, datacenter, upstream.DestinationPeer);
  if (chain instanceof ChainError) return [];
  const id = upstreamId(upstream, mesh.datacenter);
  const { DestinationName: name, DestinationPeer: peer } = upstream;
  const extensions = peer === "" ? mesh.callersExtensions(name) : [];
  return [{ id, service: name, peer, chain, settings, extensions }];
}

type Destination = Pick<
  UpstreamRegistration,
  "DestinationName" | "DestinationPeer" | "Datacenter" | "Config" | "MeshGateway"
>;

/** What is written in a registration may be anything; what is none of the modes says nothing. */
function meshGatewayMode(written = ""): ChainOverrides["meshGateway"] {
  return (["none", "local", "remote"] as const).find((mode) => mode === written) ?? "";
}

/** Nothing lists them: they are all services that the task may call. */
function virtualUpstreams(
  source: string,
  proxy: ProxyRegistration,
  entries: ProxyEntries,
  mesh: SidecarSurroundings,
): VirtualUpstream[] {
  return mesh.reachable(source).flatMap(({ service, peer, addresses }) => {
    const destination = { DestinationName: service, DestinationPeer: peer, Datacenter: "", Config: {} };
    const [direct, hosts] =
      peer === "" ? [mesh.dialedDirectly(service), mesh.outsideHosts(service)] : [[], []];
    return reachedBy(destination, proxy, entries, mesh).map((reached) => ({
      ...reached,
      ...{ addresses, direct, hosts },
    }));
  });
}

function refusedHosts(virtual: readonly VirtualUpstream[], mesh: SidecarSurroundings): OutsideHost[] {
  const reached = new Set(virtual.flatMap(({ service, peer }) => (peer === "" ? [service] : [])));
  return mesh
    .servicesWithHosts()
    .filter((service) => !reached.has(service))
    .flatMap((service) => mesh.outsideHosts(service));
}

function upstreamId({ DestinationName, DestinationPeer, Datacenter }: Destination, own: string): string {
  if (DestinationPeer !== "") return `${DestinationName}?peer=${DestinationPeer}`;
  return Datacenter === "" || Datacenter === own ? DestinationName : `${DestinationName}?dc=${Datacenter}`;
}

/** Where a transparent proxy takes what is redirected to it; Consul's form. */
export function outboundListenerName({ outboundPort }: Pick<ProxySettings, "outboundPort">): string {
  return `outbound_listener:127.0.0.1:${outboundPort}`;
}

/** The ports of hosts outside, at which everything else is told apart once more. */
export function hostPorts({ virtual, refused }: Pick<Sidecar, "virtual" | "refused">): number[] {
  const hosts = [...virtual.flatMap((upstream) => upstream.hosts), ...refused];
  return [...new Set(hosts.map(({ port }) => port))];
}

/** The filter chains of the outbound listener that lead to one upstream. */
export function virtualChainNames(id: string, sidecar: Pick<Sidecar, "virtual" | "refused">): string[] {
  return [id, ...hostPorts(sidecar).map((port) => `${id}:${port}`)];
}

/** `<upstream>:<address>:<port>`, or `<upstream>:<socket path>`; Consul's form. */
export function listenerName({ id, bind }: Upstream): string {
  return bind.kind === "port" ? `${id}:${bind.address}:${bind.port}` : `${id}:${bind.path}`;
}

function bindOf(upstream: UpstreamRegistration): Bind {
  return upstream.LocalBindSocketPath === ""
    ? { kind: "port", address: upstream.LocalBindAddress || "127.0.0.1", port: upstream.LocalBindPort }
    : { kind: "socket", path: upstream.LocalBindSocketPath, mode: upstream.LocalBindSocketMode };
}
