import { isDeepStrictEqual } from "node:util";
import { proxiedService, type ServiceInstance } from "#model/catalog.ts";
import type { ConfigEntries, Protocol } from "#model/config-entry/config-entry.ts";
import type { MeshTlsParameters } from "#model/config-entry/mesh.ts";
import type { State } from "#state/state.ts";
import { keyOf } from "#state/table.ts";
import { Access } from "./access.ts";
import { type KeyVault, openVault } from "./ca/key-vault.ts";
import type { TrustDomain } from "./ca/spiffe.ts";
import { callersExtensions } from "./callers-extensions.ts";
import { cells } from "./cells.ts";
import { Certificates } from "./certificates.ts";
import type { ChainError } from "./chain/chain-error.ts";
import { compileChain } from "./chain/compile.ts";
import type { ChainOverrides, CompiledChain } from "./chain/compiled-chain.ts";
import { protocolOf, type ReadEntry } from "./chain/protocol.ts";
import { type ChainQuestion, noOverrides, type ReadImported } from "./chain/question.ts";
import { Datacenters, everyInstance } from "./datacenters/datacenters.ts";
import { type DistantEndpoints, datacenters, distantEndpoints } from "./datacenters/tables.ts";
import type { WayElsewhere } from "./gateway/elsewhere.ts";
import type { GatewaySurroundings } from "./gateway/surroundings.ts";
import { linksOf } from "./gateway/terminating-gateway.ts";
import { Gateways } from "./gateways.ts";
import { Instances } from "./instances.ts";
import type { DefaultPolicy } from "./intentions.ts";
import { mergedProxy } from "./merged-proxy.ts";
import { outsideHosts } from "./outside-hosts.ts";
import { Exports } from "./peering/exports.ts";
import { Peers } from "./peering/peers.ts";
import { importedServices, peerMeshes } from "./peering/tables.ts";
import { type Sidecar, type SidecarSurroundings, sidecarOf } from "./sidecar.ts";
import { TableCells } from "./table-cells.ts";
import {
  caConfigurations,
  catalogNodes,
  checks,
  cluster,
  configEntries,
  nodes,
  rootKeys,
  roots,
  services,
  type VirtualAddress,
  virtualAddresses,
  virtualAddressKey,
} from "./tables.ts";

export interface MeshOptions {
  readonly datacenter: string;
  readonly defaultPolicy: DefaultPolicy;
  /** How the keys of roots stand in the store; as they are by default. */
  readonly vault?: KeyVault;
  readonly leafFailed: (proxyId: string, error: unknown) => void;
}

/** What every connection between proxies has in common. */
export interface Outgoing {
  readonly trustDomain: TrustDomain;
  readonly datacenter: string;
  /** Versions and ciphers; null for Envoy's own. */
  readonly tls: MeshTlsParameters | null;
  /** What peers tell of their services. */
  readonly imported: ReadImported;
}

/**
 * The mesh as a spreadsheet: sources are the tables, every function here is a cell by key that is computed
 * from them on demand. Read inside an effect, it follows every change that concerns it and no other.
 */
export class Mesh {
  readonly datacenter: string;
  readonly defaultPolicy: DefaultPolicy;
  readonly datacenters: Datacenters;
  readonly instances: Instances;
  readonly peers: Peers;
  readonly exports: Exports;
  readonly access: Access;
  readonly certificates: Certificates;
  readonly gateways: Gateways;
  readonly #sources: TableCells;
  readonly #surroundings: SidecarSurroundings & GatewaySurroundings;

  constructor(state: State, options: MeshOptions) {
    const { datacenter, defaultPolicy, leafFailed, vault = openVault } = options;
    this.datacenter = datacenter;
    this.defaultPolicy = defaultPolicy;
    this.#sources = new TableCells(state, [
      ...[services, checks, virtualAddresses, configEntries, nodes, catalogNodes],
      ...[roots, rootKeys, caConfigurations, cluster, peerMeshes, importedServices],
      ...[datacenters, distantEndpoints],
    ]);
    this.peers = new Peers(this.#sources);
    this.datacenters = new Datacenters(this.#sources);
    this.instances = new Instances(this.#sources, datacenter, this);
    this.exports = new Exports({
      ...{ datacenter, entry: this.entry, instances: this.instances, peers: this.peers },
      trustDomain: () => this.trustDomain(),
      protocol: (service) => this.protocol(service),
      chain: (service, overrides) => this.chain(service, overrides),
      reachedServices: () => this.#reachedServices(""),
    });
    const seesRequests = (service: string) => this.protocol(service) !== "tcp";
    this.access = new Access(this.#sources, this.entry, seesRequests, defaultPolicy);
    this.certificates = new Certificates(this.#sources, { datacenter, vault, leafFailed });
    this.#surroundings = this.#surroundingsOf(datacenter);
    this.gateways = new Gateways(this.#sources, this.entry, this.#surroundings);
  }

  close(): void {
    this.#sources.close();
  }

  trustDomain(): TrustDomain {
    return this.certificates.trustDomain();
  }

  /** An entry as it was written. */
  readonly entry: ReadEntry = (kind, name) =>
    this.#sources.get(configEntries, keyOf(kind, name)) as ConfigEntries[typeof kind] | undefined;

  readonly protocol = cells((service): Protocol => protocolOf(service, this.entry));

  readonly #outsideHosts = cells(
    (service) =>
      this.instances.isOutside(service) ? outsideHosts(this.entry("service-defaults", service), this) : [],
    isDeepStrictEqual,
  );

  /** The gateway that leads to a service outside is its caller. */
  readonly #callersExtensions = cells(
    (service) =>
      this.instances.isOutside(service) ? [] : callersExtensions(this.entry("service-defaults", service)),
    isDeepStrictEqual,
  );

  readonly #chains = cells((key): CompiledChain | ChainError => {
    const question = JSON.parse(key) as Omit<ChainQuestion, "trustDomain">;
    return compileChain(
      {
        ...{ ...question, usedIn: this.datacenter },
        ...{ trustDomain: this.trustDomain(), imported: this.#imported },
      },
      this.entry,
    );
  }, isDeepStrictEqual);

  /**
   * Where the requests to a service go, as a proxy sees it whose own settings for that upstream are `overrides`.
   * The error instead where entries contradict one another: no write lets that happen.
   */
  chain(
    service: string,
    overrides: ChainOverrides = noOverrides,
    datacenter: string = this.datacenter,
    peer: string = "",
  ): CompiledChain | ChainError {
    return this.#chains(JSON.stringify({ service, overrides, datacenter, peer }));
  }

  readonly #imported: ReadImported = (peer, service) =>
    this.peers.imported(JSON.stringify({ peer, service }));

  /** Whether entries say where requests to a service go, so that it need not be registered itself. */
  isConfigured(service: string): boolean {
    const kinds = ["service-router", "service-splitter", "service-resolver"] as const;
    return (
      kinds.some((kind) => this.entry(kind, service) !== undefined) ||
      this.#sources
        .find(configEntries, "kind", "terminating-gateway")
        .some(
          (entry) =>
            entry.Kind === "terminating-gateway" && entry.Services.some(({ Name }) => Name === service),
        )
    );
  }

  /** How proxies connect to one another. */
  outgoing(): Outgoing {
    return {
      trustDomain: this.trustDomain(),
      datacenter: this.datacenter,
      tls: this.entry("mesh", "mesh")?.TLS?.Outgoing ?? null,
      imported: this.#imported,
    };
  }

  /** Whether a proxy refuses a route to a cluster that it does not know. */
  validateClusters(): boolean {
    return this.entry("mesh", "mesh")?.ValidateClusters ?? false;
  }

  #surroundingsOf(datacenter: string): SidecarSurroundings & GatewaySurroundings {
    return {
      datacenter,
      entry: this.entry,
      protocol: (service) => this.protocol(service),
      chain: (service: string, overrides?: ChainOverrides, datacenter?: string, peer?: string) =>
        this.chain(service, overrides, datacenter, peer),
      reachable: (service) => this.access.reachable(service),
      callersExtensions: (service) => this.#callersExtensions(service),
      outsideHosts: (service) => this.#outsideHosts(service),
      servicesWithHosts: () => this.instances.servicesWithHosts(""),
      exposedChecks: (proxy) => this.instances.exposedChecks(proxy),
      dialedDirectly: (service) => this.instances.dialedDirectly(service),
      entries: (service) => ({
        service: this.entry("service-defaults", service),
        global: this.entry("proxy-defaults", "global"),
        mesh: this.entry("mesh", "mesh"),
      }),
      compile: (service, read) =>
        compileChain(
          {
            ...{ service, datacenter, overrides: noOverrides },
            ...{ trustDomain: this.trustDomain(), imported: this.#imported },
          },
          read,
        ),
      routes: () => this.gateways.routes(""),
      trustDomain: () => this.trustDomain(),
      meshServices: () => this.instances.meshServices(""),
      outsideServices: () => this.instances.outsideServices(""),
      reachedServices: () => this.#reachedServices(""),
      elsewhere: () => this.#elsewhere(""),
      exported: () => this.exports.names(),
    };
  }

  /** What other places may be let reach. */
  readonly #reachedServices = cells((): readonly string[] => {
    const linked = this.#sources
      .find(configEntries, "kind", "terminating-gateway")
      .flatMap(({ Name }) => linksOf(Name, this.#surroundings).map((link) => link.Name));
    return [...new Set([...this.instances.meshServices(""), ...linked])].sort();
  }, isDeepStrictEqual);

  /** The other datacenters and meshes that are known. */
  readonly #elsewhere = cells(
    (): readonly WayElsewhere[] => [...this.datacenters.ways(this.trustDomain()), ...this.peers.ways()],
    isDeepStrictEqual,
  );

  /** What other datacenters of the mesh are told of this one: its gateways, and its services with their subsets. */
  toldEndpoints(): Omit<DistantEndpoints, "Datacenter">[] {
    const gateways = {
      ...{ Service: "", Subset: everyInstance },
      Endpoints: this.instances.gatewaysForOthers(""),
    };
    const services = this.#reachedServices("").flatMap((Service) => {
      const subsets = Object.values(this.entry("service-resolver", Service)?.Subsets ?? {});
      return [everyInstance, ...subsets].map((Subset) => ({
        ...{ Service, Subset },
        Endpoints: this.instances.endpointsOf({
          ...{ Service, Subset, Datacenter: this.datacenter, Peer: "", MeshGateway: { Mode: "" } },
        }),
      }));
    });
    return [gateways, ...services];
  }

  /** What the proxy of a service with this service id must hold; null while no such proxy is registered. */
  readonly sidecar = cells((proxyId): Sidecar | null => {
    const [instance] = this.#sources.find(services, "id", proxyId);
    if (instance?.Kind !== "connect-proxy" || instance.Proxy === null) return null;
    return sidecarOf(instance, instance.Proxy, this.#surroundings);
  });

  /** A proxy or gateway as it was registered, with what entries say where it says nothing itself. */
  merged(instance: ServiceInstance): ServiceInstance {
    if (instance.Proxy === null) return instance;
    const entries = this.#surroundings.entries(proxiedService(instance));
    return { ...instance, Proxy: mergedProxy(instance.Proxy, entries) };
  }

  /** Those that an instance was registered with and, of a proxy or a native service, the one of its service. */
  taggedAddresses(instance: ServiceInstance): NonNullable<ServiceInstance["TaggedAddresses"]> {
    const isReached = instance.Kind === "connect-proxy" || instance.ConnectNative;
    const virtual = isReached ? this.virtualAddress(proxiedService(instance)) : null;
    return {
      ...instance.TaggedAddresses,
      ...(virtual && { "consul-virtual": { Address: virtual.Address, Port: instance.Port } }),
    };
  }

  /** The addresses that stand for all instances of a service; null until it has one. */
  virtualAddress(Service: string, Peer: string = ""): VirtualAddress | null {
    return this.#sources.get(virtualAddresses, virtualAddressKey({ Service, Peer })) ?? null;
  }
}
