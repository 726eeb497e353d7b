import type { TrustDomain } from "../ca/spiffe.ts";

/** Which instances, before it is known whether there are any: the parts of a target's id. */
export interface Place {
  readonly service: string;
  readonly subset: string;
  /** Empty where `peer` is not. */
  readonly datacenter: string;
  readonly peer: string;
}

/** How an entry names a place: what it leaves empty stays as it was. */
export interface Move {
  readonly Service?: string;
  readonly ServiceSubset?: string;
  readonly Datacenter?: string;
  readonly Peer?: string;
}

/** Another service has subsets of its own, and a peer has datacenters of its own. */
export function movedTo(place: Place, { Service, ServiceSubset, Datacenter, Peer }: Move): Place {
  const service = Service || place.service;
  const kept = service === place.service ? place.subset : "";
  const elsewhere = Datacenter ? { datacenter: Datacenter, peer: "" } : null;
  const abroad = Peer ? { datacenter: "", peer: Peer } : null;
  return { ...place, service, subset: ServiceSubset || kept, ...elsewhere, ...abroad };
}

const joined = (...parts: readonly string[]) => parts.filter((part) => part !== "").join(".");

/** Consul's form of a target's id. */
export function placeId({ service, subset, datacenter, peer }: Place): string {
  return peer === ""
    ? joined(subset, service, "default.default", datacenter)
    : joined(service, "default.default.external", peer);
}

/** Consul's form of a server name in the mesh, which is the name of the cluster as well. */
export function serverName({ service, subset, datacenter, peer }: Place, trustDomain: TrustDomain): string {
  return peer === ""
    ? joined(subset, service, "default", datacenter, "internal", trustDomain)
    : joined(service, "default.default", peer, "external", trustDomain);
}

/** A service under its namespace and partition: the end of a router's and a splitter's name. */
export function serviceId(service: string): string {
  return `${service}.default.default`;
}
