import { isDeepStrictEqual } from "node:util";
import { type CatalogNode, type HealthCheck, proxiedService, type ServiceInstance } from "#model/catalog.ts";
import type {
  ConfigEntries,
  ConfigEntry,
  FileSystemCertificate,
  InlineCertificate,
  JwtProvider,
  Protocol,
  TerminatingGatewayEntry,
} from "#model/config-entry/config-entry.ts";
import type { MeshTlsParameters } from "#model/config-entry/mesh.ts";
import type { Subset } from "#model/config-entry/service-resolver.ts";
import { matchesFilter } from "#model/filter/matches.ts";
import { parseFilter } from "#model/filter/parse.ts";
import type { Node } from "#model/node.ts";
import type { State } from "#state/state.ts";
import { keyOf, type Row } from "#state/table.ts";
import { type AccessRules, accessRules } from "./access-rules.ts";
import { type KeyVault, openVault } from "./ca/key-vault.ts";
import { keyPairOf } from "./ca/keys.ts";
import type { Leaf } from "./ca/leaf.ts";
import { Leaves } from "./ca/leaves.ts";
import { type Authority, trustBundle } from "./ca/root.ts";
import { controlPlaneName, type TrustDomain } from "./ca/spiffe.ts";
import { cells } from "./cells.ts";
import type { ChainError } from "./chain/chain-error.ts";
import { compileChain } from "./chain/compile.ts";
import type { ChainOverrides, ChainTarget, CompiledChain } from "./chain/compiled-chain.ts";
import { protocolOf, type ReadEntry } from "./chain/protocol.ts";
import { type ChainQuestion, noOverrides } from "./chain/question.ts";
import { type Endpoint, endpointOf, sameEndpoints } from "./endpoint.ts";
import type { ApiRoute } from "./gateway/api-binding.ts";
import { apiGatewayOf } from "./gateway/api-gateway.ts";
import { apiGatewayStatus, apiRouteStatus, type Condition } from "./gateway/api-status.ts";
import type { EdgeGateway } from "./gateway/edge-gateway.ts";
import { type GatewayService, gatewayServices } from "./gateway/gateway-services.ts";
import { ingressGatewayOf } from "./gateway/ingress-gateway.ts";
import { gatewaysTo, isPlain } from "./gateway/outside.ts";
import type { GatewaySurroundings } from "./gateway/surroundings.ts";
import {
  type OutsideTarget,
  type TerminatingGateway,
  terminatingGatewayOf,
} from "./gateway/terminating-gateway.ts";
import { checksOfInstance, type FindChecks } from "./health.ts";
import { healthRow } from "./health-row.ts";
import { decide } from "./intention-decision.ts";
import { type DefaultPolicy, type Intention, intentionsOf, local, providersNamed } from "./intentions.ts";
import { type Sidecar, type SidecarSurroundings, sidecarOf } from "./sidecar.ts";
import { TableCells } from "./table-cells.ts";
import {
  CA_CONFIGURATION_KEY,
  CLUSTER_KEY,
  caConfigurations,
  catalogNodes,
  checks,
  cluster,
  configEntries,
  nodes,
  rootKeys,
  roots,
  services,
  virtualAddresses,
} from "./tables.ts";
import { type Target, targetOf } from "./target.ts";

export interface MeshOptions {
  readonly datacenter: string;
  readonly defaultPolicy: DefaultPolicy;
  /** How the keys of roots stand in the store; as they are by default. */
  readonly vault?: KeyVault;
  readonly leafFailed: (proxyId: string, error: unknown) => void;
}

/** What each kind of gateway is made of. */
const gatewayKinds: Readonly<
  Partial<
    Record<
      string,
      (instance: ServiceInstance, mesh: GatewaySurroundings) => EdgeGateway | TerminatingGateway | null
    >
  >
> = {
  "ingress-gateway": ingressGatewayOf,
  "api-gateway": apiGatewayOf,
  "terminating-gateway": terminatingGatewayOf,
};

const everyInstance: Subset = { Filter: "", OnlyPassing: false };

export type CertificateEntry = InlineCertificate | FileSystemCertificate;

/** What every connection between proxies has in common. */
export interface Outgoing {
  readonly trustDomain: TrustDomain;
  readonly datacenter: string;
  /** Versions and ciphers; null for Envoy's own. */
  readonly tls: MeshTlsParameters | null;
}

/**
 * The mesh as a spreadsheet: sources are the tables, every function here is a cell by key that is computed
 * from them on demand. Read inside an effect, it follows every change that concerns it and no other.
 */
export class Mesh {
  readonly datacenter: string;
  readonly defaultPolicy: DefaultPolicy;
  readonly #sources: TableCells;
  readonly #leaves: Leaves;
  readonly #vault: KeyVault;
  readonly #surroundings: SidecarSurroundings & GatewaySurroundings;

  constructor(state: State, options: MeshOptions) {
    this.datacenter = options.datacenter;
    this.#surroundings = this.#surroundingsOf(options.datacenter);
    this.defaultPolicy = options.defaultPolicy;
    this.#sources = new TableCells(state, [
      ...[services, checks, virtualAddresses, configEntries, nodes, catalogNodes],
      ...[roots, rootKeys, caConfigurations, cluster],
    ]);
    this.#vault = options.vault ?? openVault;
    this.#leaves = new Leaves({
      authority: () => this.#authority(""),
      lifetime: () => this.#leafLifetime(""),
      failed: options.leafFailed,
    });
  }

  close(): void {
    this.#sources.close();
  }

  trustDomain(): TrustDomain {
    return (this.#sources.get(cluster, CLUSTER_KEY)?.TrustDomain ?? "") as TrustDomain;
  }

  readonly #entry: ReadEntry = (kind, name) =>
    this.#sources.get(configEntries, keyOf(kind, name)) as ConfigEntries[typeof kind] | undefined;

  /** An entry as it was written. */
  readonly entry: ReadEntry = (kind, name) => this.#entry(kind, name);

  readonly protocol = cells((service): Protocol => protocolOf(service, this.#entry));

  readonly #chains = cells((key): CompiledChain | ChainError => {
    const question = JSON.parse(key) as Omit<ChainQuestion, "trustDomain">;
    return compileChain({ ...question, trustDomain: this.trustDomain() }, this.#entry);
  }, isDeepStrictEqual);

  /**
   * Where the requests to a service go, as a proxy sees it whose own settings for that upstream are `overrides`.
   * The error instead where entries contradict one another: no write lets that happen.
   */
  chain(
    service: string,
    overrides: ChainOverrides = noOverrides,
    datacenter: string = this.datacenter,
  ): CompiledChain | ChainError {
    return this.#chains(JSON.stringify({ service, overrides, datacenter }));
  }

  /** Whether entries say where requests to a service go, so that it need not be registered itself. */
  isConfigured(service: string): boolean {
    const kinds = ["service-router", "service-splitter", "service-resolver"] as const;
    return (
      kinds.some((kind) => this.#entry(kind, service) !== undefined) ||
      this.#sources
        .find(configEntries, "kind", "terminating-gateway")
        .some(
          (entry) =>
            entry.Kind === "terminating-gateway" && entry.Services.some(({ Name }) => Name === service),
        )
    );
  }

  /** The proxies that stand before the instances of a service. */
  proxiesOf(service: string): readonly Row<ServiceInstance>[] {
    return this.#sources.find(services, "destination", service);
  }

  /** Where the mesh reaches the instances of a service. */
  readonly endpoints = cells(
    (service): readonly Endpoint[] => this.#endpointsAmong(this.#waysTo(service), everyInstance),
    sameEndpoints,
  );

  /** A gateway finds the instances of a subset itself, by the server name. */
  #waysTo(service: string): readonly Row<ServiceInstance>[] {
    return [...this.proxiesOf(service), ...this.#gatewaysTo(service)];
  }

  #endpointsAmong(instances: readonly Row<ServiceInstance>[], { Filter, OnlyPassing }: Subset): Endpoint[] {
    const filter = Filter === "" ? null : parseFilter(Filter);
    return instances
      .map((instance) => ({ instance, checks: this.#checksOfProxy(instance) }))
      .filter(
        ({ instance, checks }) =>
          filter === null ||
          instance.Kind === "terminating-gateway" ||
          matchesFilter(filter, healthRow(instance, checks, this.#node)),
      )
      .map(({ instance, checks }) => endpointOf(instance, checks, OnlyPassing))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  readonly #targetEndpoints = cells((key): readonly Endpoint[] => {
    const { Service, Datacenter, Subset } = JSON.parse(key) as Pick<
      ChainTarget,
      "Service" | "Datacenter" | "Subset"
    >;
    if (Datacenter !== this.datacenter) return [];
    if (Subset.Filter === "" && !Subset.OnlyPassing) return this.endpoints(Service);
    return this.#endpointsAmong(this.#waysTo(Service), Subset);
  }, sameEndpoints);

  /** Where the mesh reaches the instances that a target of a chain stands for; none of them while it is elsewhere. */
  endpointsOf({ Service, Datacenter, Subset }: ChainTarget): readonly Endpoint[] {
    return this.#targetEndpoints(JSON.stringify({ Service, Datacenter, Subset }));
  }

  /** One that an agent runs on, or that a registration named. */
  readonly #node = (name: string): Node | CatalogNode | undefined =>
    this.#sources.find(nodes, "name", name)[0] ?? this.#sources.get(catalogNodes, keyOf(name));

  /** How proxies connect to one another. */
  outgoing(): Outgoing {
    return {
      trustDomain: this.trustDomain(),
      datacenter: this.datacenter,
      tls: this.#entry("mesh", "mesh")?.TLS?.Outgoing ?? null,
    };
  }

  /** Whether a proxy refuses a route to a cluster that it does not know. */
  validateClusters(): boolean {
    return this.#entry("mesh", "mesh")?.ValidateClusters ?? false;
  }

  /** The intentions that can decide about a destination, the first to decide standing first. */
  readonly intentions = cells((destination): readonly Intention[] => {
    return intentionsOf([destination, "*"].flatMap((name) => this.#entry("service-intentions", name) ?? []));
  });

  readonly access = cells(
    (destination): AccessRules =>
      accessRules(this.intentions(destination), this.defaultPolicy, this.protocol(destination) !== "tcp"),
  );

  /** The issuers of the tokens that the intentions of a destination ask for, by name. */
  readonly tokenProviders = cells((destination): readonly JwtProvider[] =>
    providersNamed(this.intentions(destination)).flatMap((name) => this.#entry("jwt-provider", name) ?? []),
  );

  target(service: string): Target {
    return targetOf(service, this.datacenter, this.trustDomain());
  }

  #surroundingsOf(datacenter: string): SidecarSurroundings & GatewaySurroundings {
    return {
      datacenter,
      entry: (kind, name) => this.#entry(kind, name),
      protocol: (service) => this.protocol(service),
      chain: (service: string, overrides?: ChainOverrides, datacenter?: string) =>
        this.chain(service, overrides, datacenter),
      reachable: (service) => this.#reachable(service),
      entries: (service) => ({
        service: this.#entry("service-defaults", service),
        global: this.#entry("proxy-defaults", "global"),
        mesh: this.#entry("mesh", "mesh"),
      }),
      compile: (service, read) =>
        compileChain({ service, datacenter, overrides: noOverrides, trustDomain: this.trustDomain() }, read),
      routes: () => this.#routes(""),
      trustDomain: () => this.trustDomain(),
      meshServices: () => this.#meshServices(""),
      outsideServices: () => this.#outsideServices(""),
    };
  }

  /** The one that was there first goes before. */
  readonly #routes = cells((): readonly ApiRoute[] =>
    ["http-route", "tcp-route"]
      .flatMap((kind) => this.#sources.find(configEntries, "kind", kind) as readonly Row<ApiRoute>[])
      .toSorted((a, b) => a.CreateIndex - b.CreateIndex || (a.Name < b.Name ? -1 : 1)),
  );

  /** Services that have proxies. */
  readonly #meshServices = cells((): readonly string[] => {
    const proxies = this.#sources.find(services, "kind", "connect-proxy");
    return [...new Set(proxies.map(proxiedService))].sort();
  }, isDeepStrictEqual);

  /** Services that have instances, none of which takes part in the mesh. */
  readonly #outsideServices = cells((): readonly string[] => {
    const plain = this.#sources.find(services, "kind", "").filter(isPlain);
    const names = [...new Set(plain.map(({ Service }) => Service))].sort();
    return names.filter((name) => this.proxiesOf(name).length === 0);
  }, isDeepStrictEqual);

  /** The gateways' instances by which a service outside is reached. */
  readonly #gatewaysTo = cells((service): readonly Row<ServiceInstance>[] => {
    const entries = this.#sources.find(configEntries, "kind", "terminating-gateway");
    const own = this.#sources.find(services, "name", service);
    const instances = { own, hasProxies: this.proxiesOf(service).length > 0 };
    return gatewaysTo(service, entries as readonly TerminatingGatewayEntry[], instances)
      .flatMap((gateway) => this.#sources.find(services, "name", gateway))
      .filter(({ Kind }) => Kind === "terminating-gateway");
  }, isDeepStrictEqual);

  readonly #outsideEndpoints = cells((key): readonly Endpoint[] => {
    const { service, subset } = JSON.parse(key) as Pick<OutsideTarget, "service" | "subset">;
    return this.#endpointsAmong(this.#sources.find(services, "name", service).filter(isPlain), subset);
  }, sameEndpoints);

  /** Where the instances of a service outside of the mesh are. */
  outsideEndpoints({ service, subset }: Pick<OutsideTarget, "service" | "subset">): readonly Endpoint[] {
    return this.#outsideEndpoints(JSON.stringify({ service, subset }));
  }

  /** What the proxy of a service with this service id must hold; null while no such proxy is registered. */
  readonly sidecar = cells((proxyId): Sidecar | null => {
    const [instance] = this.#sources.find(services, "id", proxyId);
    if (instance?.Kind !== "connect-proxy" || instance.Proxy === null) return null;
    return sidecarOf(instance, instance.Proxy, this.#surroundings);
  });

  /** The services behind the ingress and terminating gateways of a name. */
  gatewayServices(gateway: string): GatewayService[] {
    return gatewayServices(gateway, this.#surroundings);
  }

  /** The ingress and API gateways of a name. */
  edgeGateways(service: string): EdgeGateway[] {
    const gateways = this.#sources.find(services, "name", service).map(({ ID }) => this.gateway(ID));
    return gateways.filter((gateway) => gateway?.kind === "edge");
  }

  /** What the gateway with this service id must hold; null while no such gateway is registered. */
  readonly gateway = cells((proxyId): EdgeGateway | TerminatingGateway | null => {
    const [instance] = this.#sources.find(services, "id", proxyId);
    const of = gatewayKinds[instance?.Kind ?? ""];
    return instance === undefined || of === undefined ? null : of(instance, this.#surroundings);
  });

  /** What holds of an API gateway or a route to one; null for other entries. */
  conditions(entry: ConfigEntry): readonly Condition[] | null {
    if (entry.Kind === "api-gateway") return apiGatewayStatus(entry, this.#surroundings);
    if (entry.Kind === "http-route" || entry.Kind === "tcp-route")
      return apiRouteStatus(entry, this.#surroundings);
    return null;
  }

  /** That of a gateway for its clients, as its entry has it. */
  certificate(
    kind: "inline-certificate" | "file-system-certificate",
    name: string,
  ): CertificateEntry | undefined {
    return this.#entry(kind, name);
  }

  /** The address that stands for all instances of a service; null until it has one. */
  virtualAddress(service: string): string | null {
    return this.#sources.get(virtualAddresses, service)?.Address ?? null;
  }

  /** Services that some request of `source` may reach: an intention of permissions lets some in. */
  readonly #reachable = cells((source) =>
    this.#sources.find(virtualAddresses, "given", "yes").flatMap(({ Service: service, Address: address }) => {
      const decision = decide(this.intentions(service), local(source), service, null, this.defaultPolicy);
      const isRefused = !decision.allowed && decision.intention?.action !== "";
      return service === source || isRefused ? [] : [{ service, address }];
    }),
  );

  /** Every root that is trusted, as PEM. */
  trustBundle(): string {
    return trustBundle(this.#sources.find(roots, "trusted", "yes"));
  }

  /** The certificate and key of a proxy, once they are made. */
  leaf(proxyId: string, service: string, dnsNames: readonly string[] = []): Leaf | null {
    const identity = { trustDomain: this.trustDomain(), datacenter: this.datacenter, service, dnsNames };
    return this.#leaves.leaf(proxyId, identity);
  }

  /** What the control plane proves with who it is, to proxies that reach it by address. */
  controlPlaneLeaf(): Leaf | null {
    const { datacenter } = this;
    const identity = {
      ...{ datacenter, trustDomain: this.trustDomain() },
      ...{ service: null, dnsNames: [controlPlaneName(datacenter)] },
    };
    return this.#leaves.leaf("", identity);
  }

  /** Who signs now. */
  readonly #authority = cells((): Authority | null => {
    const [root] = this.#sources.find(roots, "active", "yes");
    const key = root && this.#sources.get(rootKeys, root.ID);
    if (root === undefined || key === undefined) return null;
    return { root, privateKey: keyPairOf(this.#vault.open(root.ID, key.PrivateKey)).privateKey };
  });

  /** Milliseconds. */
  readonly #leafLifetime = cells(
    () => (this.#sources.get(caConfigurations, CA_CONFIGURATION_KEY)?.Config.LeafCertTTL ?? 0) / 1e6,
  );

  /** The proxy's own checks, and those of the instance that it stands before. */
  #checksOfProxy(proxy: ServiceInstance): readonly HealthCheck[] {
    const ids = [proxy.ID, proxy.Proxy?.DestinationServiceID ?? ""].filter((id) => id !== "");
    const find: FindChecks = (node, id) => this.#sources.find(checks, "instance", keyOf(node, id));
    return ids.flatMap((id) => checksOfInstance(find, proxy.Node, id));
  }
}
