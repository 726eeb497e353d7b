import { isIPv4 } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { type CatalogNode, type HealthCheck, proxiedService, type ServiceInstance } from "#model/catalog.ts";
import type { TerminatingGatewayEntry } from "#model/config-entry/config-entry.ts";
import type { Subset } from "#model/config-entry/service-resolver.ts";
import { matchesFilter } from "#model/filter/matches.ts";
import { parseFilter } from "#model/filter/parse.ts";
import type { Node } from "#model/node.ts";
import { keyOf, type Row } from "#state/table.ts";
import { cells } from "./cells.ts";
import type { ChainTarget } from "./chain/compiled-chain.ts";
import { type Datacenters, everyInstance } from "./datacenters/datacenters.ts";
import { type Endpoint, endpointOf, sameEndpoints } from "./endpoint.ts";
import { type ExposedCheck, exposedChecks } from "./exposed-checks.ts";
import { type Elsewhere, gatewayAddress } from "./gateway/elsewhere.ts";
import { gatewaysTo, isPlain } from "./gateway/outside.ts";
import type { OutsideTarget } from "./gateway/terminating-gateway.ts";
import { checksOfInstance, type FindChecks } from "./health.ts";
import { healthRow } from "./health-row.ts";
import { endpointsOfHosts } from "./outside-hosts.ts";
import type { Peers } from "./peering/peers.ts";
import type { TableCells } from "./table-cells.ts";
import { catalogNodes, checks, configEntries, nodes, services } from "./tables.ts";

type OutsidePlace = Pick<OutsideTarget, "service" | "subset" | "host">;

/** What of a target says where it is. */
export type TargetPlace = Pick<ChainTarget, "Service" | "Datacenter" | "Peer" | "Subset" | "MeshGateway">;

const isDialed = (settings: object | null) =>
  settings !== null && "DialedDirectly" in settings && settings.DialedDirectly === true;

/** The instances of services: where the mesh reaches them, and how they are. */
export class Instances {
  readonly #sources: TableCells;
  readonly #datacenter: string;
  readonly #peers: Peers;
  readonly #datacenters: Datacenters;

  constructor(
    sources: TableCells,
    datacenter: string,
    { peers, datacenters }: { readonly peers: Peers; readonly datacenters: Datacenters },
  ) {
    this.#peers = peers;
    this.#datacenters = datacenters;
    this.#sources = sources;
    this.#datacenter = datacenter;
  }

  /** The proxies that stand before the instances of a service. */
  proxiesOf(service: string): readonly Row<ServiceInstance>[] {
    return this.#sources.find(services, "destination", service);
  }

  /**
   * Where the instances are that a target of a chain stands for: elsewhere it is gateways that take connections
   * for them.
   */
  endpointsOf({ Service, Datacenter, Peer, Subset, MeshGateway }: TargetPlace): readonly Endpoint[] {
    return this.#targetEndpoints(JSON.stringify({ Service, Datacenter, Peer, Subset, MeshGateway }));
  }

  /** Where a target has instances that are reached otherwise from beside them. */
  nodesOf(target: TargetPlace): readonly string[] {
    const nodes = this.endpointsOf(target).flatMap(({ node, beside }) => (beside === null ? [] : [node]));
    return [...new Set(nodes)].sort();
  }

  /** Empty for a proxy that is not known. */
  nodeOf(proxyId: string): string {
    return this.#sources.find(services, "id", proxyId)[0]?.Node ?? "";
  }

  readonly #targetEndpoints = cells((key): readonly Endpoint[] => {
    const { Service, Datacenter, Peer, Subset, MeshGateway } = JSON.parse(key) as TargetPlace;
    if (Peer === "" && Datacenter !== this.#datacenter) {
      return this.#waysToDatacenter(
        Datacenter,
        MeshGateway.Mode,
        this.#datacenters.endpointsOf(Datacenter, Service, Subset),
      );
    }
    if (Peer !== "") {
      const isWell = this.#peers.hasWellInstance(Peer, Service);
      return this.#waysBy(MeshGateway.Mode, { kind: "peer", name: Peer }, isWell);
    }
    if (Subset.Filter === "" && !Subset.OnlyPassing) return this.#endpoints(Service);
    return this.#endpointsAmong(this.#waysTo(Service), Subset);
  }, sameEndpoints);

  /** Without gateways the instances are dialled as if there were one network; with them, a gateway is as well as they are. */
  #waysToDatacenter(
    name: string,
    mode: ChainTarget["MeshGateway"]["Mode"],
    instances: readonly Endpoint[],
  ): readonly Endpoint[] {
    if (mode === "" || mode === "none") return instances;
    const isWell = instances.some(({ healthy }) => healthy);
    return this.#waysBy(mode, { kind: "datacenter", name }, isWell);
  }

  #waysBy(mode: ChainTarget["MeshGateway"]["Mode"], place: Elsewhere, isWell: boolean): Endpoint[] {
    const gateways = mode === "local" ? this.localGateways("") : this.gatewaysOf(place);
    return gateways.map((gateway) => ({ ...gateway, healthy: gateway.healthy && isWell }));
  }

  readonly #endpoints = cells(
    (service): readonly Endpoint[] => this.#endpointsAmong(this.#waysTo(service), everyInstance),
    sameEndpoints,
  );

  /** The mesh gateways of the own datacenter, as its own proxies reach them. */
  readonly localGateways = cells((): readonly Endpoint[] => this.#gatewaysAt("lan"), sameEndpoints);

  /** The same, as they are reached from elsewhere. */
  readonly gatewaysForOthers = cells((): readonly Endpoint[] => this.#gatewaysAt("wan"), sameEndpoints);

  #gatewaysAt(from: "lan" | "wan"): Endpoint[] {
    return this.#sources
      .find(services, "kind", "mesh-gateway")
      .map((gateway) => ({
        ...endpointOf(gateway, this.#checksOfProxy(gateway)),
        ...gatewayAddress(gateway, from),
      }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** The mesh gateways of a place elsewhere, as they are reached from here. */
  gatewaysOf({ kind, name }: Elsewhere): readonly Endpoint[] {
    return kind === "peer" ? this.#peers.gatewaysOf(name) : this.#datacenters.gatewaysOf(name);
  }

  /** Where the instances of a service outside of the mesh are. */
  outsideEndpoints({ service, subset, host }: OutsidePlace): readonly Endpoint[] {
    return this.#outsideEndpoints(JSON.stringify({ service, subset, host }));
  }

  readonly #outsideEndpoints = cells((key): readonly Endpoint[] => {
    const { service, subset, host } = JSON.parse(key) as OutsidePlace;
    const hosts = this.#destinationHosts(service);
    if (hosts.length > 0) return endpointsOfHosts(hosts.filter((one) => host === "" || one.host === host));
    return this.#endpointsAmong(this.#sources.find(services, "name", service).filter(isPlain), subset);
  }, sameEndpoints);

  #destinationHosts(service: string) {
    const entry = this.#sources.get(configEntries, keyOf("service-defaults", service));
    const destination = entry?.Kind === "service-defaults" ? entry.Destination : null;
    return (destination?.Addresses ?? []).map((host) => ({ host, port: destination?.Port ?? 0 }));
  }

  /** The paths of checks that a node asks for through one of its proxies, and where it asks from. */
  exposedChecks({ Node, ID }: ServiceInstance) {
    const paths = this.#exposedChecks(Node)
      .filter(({ proxyId }) => proxyId === ID)
      .map(({ path }) => path);
    const address = this.#node(Node)?.Address ?? "";
    return { paths, sources: ["127.0.0.0/8", ...(isIPv4(address) ? [`${address}/32`] : [])] };
  }

  readonly #exposedChecks = cells(
    (node): readonly ExposedCheck[] => [...exposedChecks(node, this.#sources).values()],
    isDeepStrictEqual,
  );

  /**
   * Addresses of single instances that may be dialled although their connections are the mesh's. One at which
   * another service is found too cannot be told apart, and is dialled as it is.
   */
  readonly dialedDirectly = cells((service): readonly string[] => {
    const proxies = this.proxiesOf(service);
    const isSaid = this.#isDialedDirectly(service);
    const dialed = proxies.filter((one) => isSaid || one.Proxy?.TransparentProxy?.DialedDirectly);
    const isOnlyOf = (address: string) =>
      this.#sources.find(services, "address", address).every((one) => proxiedService(one) === service);
    return [...new Set(dialed.map(({ Address }) => Address))].filter(isOnlyOf).sort();
  }, isDeepStrictEqual);

  #isDialedDirectly(service: string): boolean {
    const keys = [keyOf("service-defaults", service), keyOf("proxy-defaults", "global")];
    return keys.some((key) => {
      const entry = this.#sources.get(configEntries, key);
      return entry !== undefined && "TransparentProxy" in entry && isDialed(entry.TransparentProxy);
    });
  }

  /** Services that have proxies. */
  readonly meshServices = cells((): readonly string[] => {
    const proxies = this.#sources.find(services, "kind", "connect-proxy");
    return [...new Set(proxies.map(proxiedService))].sort();
  }, isDeepStrictEqual);

  /** Services whose defaults name hosts outside that they stand for. */
  readonly servicesWithHosts = cells(
    (): readonly string[] =>
      this.#sources
        .find(configEntries, "kind", "service-defaults")
        .flatMap((entry) => ("Destination" in entry && entry.Destination !== null ? [entry.Name] : []))
        .sort(),
    isDeepStrictEqual,
  );

  /** Services that have instances or hosts, none of which takes part in the mesh. */
  readonly outsideServices = cells((): readonly string[] => {
    const plain = this.#sources.find(services, "kind", "").filter(isPlain);
    const names = [
      ...new Set([...plain.map(({ Service }) => Service), ...this.servicesWithHosts("")]),
    ].sort();
    return names.filter((name) => this.proxiesOf(name).length === 0);
  }, isDeepStrictEqual);

  /** A gateway finds the instances of a subset itself, by the server name. */
  #waysTo(service: string): readonly Row<ServiceInstance>[] {
    return [...this.proxiesOf(service), ...this.#gatewaysTo(service)];
  }

  /** The gateways' instances by which a service outside is reached. */
  readonly #gatewaysTo = cells((service): readonly Row<ServiceInstance>[] => {
    const entries = this.#sources.find(configEntries, "kind", "terminating-gateway");
    const own = this.#sources.find(services, "name", service);
    const hasHosts = this.#destinationHosts(service).length > 0;
    const instances = { own, hasProxies: this.proxiesOf(service).length > 0, hasHosts };
    return gatewaysTo(service, entries as readonly TerminatingGatewayEntry[], instances)
      .flatMap((gateway) => this.#sources.find(services, "name", gateway))
      .filter(({ Kind }) => Kind === "terminating-gateway");
  }, isDeepStrictEqual);

  /** Whether a terminating gateway leads to the service. */
  isOutside(service: string): boolean {
    return this.#gatewaysTo(service).length > 0;
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

  /** One that an agent runs on, or that a registration named. */
  readonly #node = (name: string): Node | CatalogNode | undefined =>
    this.#sources.find(nodes, "name", name)[0] ?? this.#sources.get(catalogNodes, keyOf(name));

  /** The proxy's own checks, and those of the instance that it stands before. */
  #checksOfProxy(proxy: ServiceInstance): readonly HealthCheck[] {
    const ids = [proxy.ID, proxy.Proxy?.DestinationServiceID ?? ""].filter((id) => id !== "");
    const find: FindChecks = (node, id) => this.#sources.find(checks, "instance", keyOf(node, id));
    return ids.flatMap((id) => checksOfInstance(find, proxy.Node, id));
  }
}
