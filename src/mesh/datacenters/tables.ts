import type { Subset } from "#model/config-entry/service-resolver.ts";
import { keyOf, table } from "#state/table.ts";
import type { Endpoint } from "../endpoint.ts";

/** A datacenter of this mesh, and where its servers are reached by those of others. */
export interface Datacenter {
  readonly Name: string;
  /** `host:port` each. */
  readonly Addresses: readonly string[];
}

/** The other datacenters of the mesh, by name. */
export const datacenters = table("datacenters", {
  known: (_: Datacenter) => ["yes"],
});

/** Where a service of another datacenter, or a subset of it, takes connections. */
export interface DistantEndpoints {
  readonly Datacenter: string;
  /** Empty for the datacenter's mesh gateways, as they are reached from elsewhere. */
  readonly Service: string;
  readonly Subset: Subset;
  readonly Endpoints: readonly Endpoint[];
}

/** As the other datacenters last told it. */
export const distantEndpoints = table("distant-endpoints", {
  datacenter: ({ Datacenter: name }: DistantEndpoints) => [name],
});

export const distantKey = ({ Datacenter: name, Service, Subset }: Omit<DistantEndpoints, "Endpoints">) =>
  keyOf(name, Service, Subset.Filter, Subset.OnlyPassing ? "passing" : "");
