import type { CaConfiguration } from "#model/ca-configuration.ts";
import type { CatalogNode, HealthCheck, ServiceInstance } from "#model/catalog.ts";
import type { ConfigEntry } from "#model/config-entry/config-entry.ts";
import type { Node } from "#model/node.ts";
import { keyOf, table } from "#state/table.ts";
import type { Root } from "./ca/root.ts";
import { leadsTo } from "./chain/leads-to.ts";

/** The tables that the mesh is computed from. */

export const services = table("services", {
  id: (instance: ServiceInstance) => [instance.ID],
  name: (instance: ServiceInstance) => [instance.Service],
  kind: (instance: ServiceInstance) => [instance.Kind],
  node: (instance: ServiceInstance) => [instance.Node],
  address: (instance: ServiceInstance) => [instance.Address],
  allocation: (instance: ServiceInstance) => (instance.AllocID === "" ? [] : [instance.AllocID]),
  /** Proxies by the service that they stand before. */
  destination: (instance: ServiceInstance) =>
    instance.Proxy === null ? [] : [instance.Proxy.DestinationServiceName],
});

export const serviceKey = ({ Node, ID }: Pick<ServiceInstance, "Node" | "ID">) => keyOf(Node, ID);

export const checks = table("checks", {
  instance: (check: HealthCheck) => [keyOf(check.Node, check.ServiceID)],
  name: (check: HealthCheck) => [check.ServiceName],
  node: (check: HealthCheck) => [check.Node],
});

export const checkKey = ({ Node, CheckID }: Pick<HealthCheck, "Node" | "CheckID">) => keyOf(Node, CheckID);

/** Nodes by name, of registrations that came with one; those of agents are the orchestrator's. */
export const catalogNodes = table<CatalogNode>("catalog-nodes");

export const nodes = table("nodes", {
  name: (node: Node) => [node.Name],
  drained: ({ DrainStrategy }: Node) => (DrainStrategy ? ["yes"] : []),
});

export const configEntries = table("config-entries", {
  kind: (entry: ConfigEntry) => [entry.Kind],
  leadsTo,
});

export const configKey = ({ Kind, Name }: Pick<ConfigEntry, "Kind" | "Name">) => keyOf(Kind, Name);

export const roots = table("ca-roots", {
  trusted: (_root: Root) => ["yes"],
  active: (root: Root) => (root.Active ? ["yes"] : []),
});

/** The key that signs under each root, by the root's id, as a key vault stores it. */
export const rootKeys = table<{ readonly PrivateKey: string }>("ca-root-keys");

/** One row. The private key that an operator gave is not in it. */
export const caConfigurations = table<CaConfiguration>("ca-configuration");
export const CA_CONFIGURATION_KEY = "ca";

/** One row: what the tokens of proxies are made from. Sealed as the keys of roots are. */
export const proxyTokenSecrets = table<{ readonly Secret: string }>("proxy-token-secrets");

/** One row, which is there from the cluster's first start. */
export const cluster = table<Cluster>("cluster");

export interface Cluster {
  readonly ID: string;
  readonly TrustDomain: string;
  /** In a secondary datacenter: the primary one, whose config entries and authority hold here, and itself. */
  readonly Primary?: string;
  readonly Datacenter?: string;
}
export const CLUSTER_KEY = "cluster";

/** The address that stands for all instances of a service. */
export interface VirtualAddress {
  readonly Service: string;
  /** Of a service that a peer lets us call. */
  readonly Peer?: string;
  readonly Number: number;
  readonly Address: string;
  /** Further addresses, which an operator has given it. */
  readonly Manual?: readonly string[];
}

export const virtualAddresses = table("virtual-addresses", {
  given: ({ Address }: VirtualAddress) => (Address === "" ? [] : ["yes"]),
  manual: ({ Manual }: VirtualAddress) => Manual ?? [],
});

export const virtualAddressKey = ({ Service, Peer = "" }: Pick<VirtualAddress, "Service" | "Peer">) =>
  Peer === "" ? Service : keyOf(Peer, Service);
