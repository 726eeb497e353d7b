/**
 * SPIFFE ids as Consul forms them, so that certificates, logs and intentions read the same to its users.
 * Follows the SPIFFE-ID standard, section 2, and Consul's paths.
 */

/** `<uuid>.consul`, fixed for the life of a cluster. */
export type TrustDomain = string & { readonly __trustDomain: never };

export function newTrustDomain(uuid: string): TrustDomain {
  return `${uuid.toLowerCase()}.consul` as TrustDomain;
}

export interface ServiceIdentity {
  readonly trustDomain: TrustDomain;
  readonly datacenter: string;
  readonly service: string;
  /** Names of hosts that clients outside of the mesh know it by. */
  readonly dnsNames?: readonly string[];
}

export function serviceUri({ trustDomain, datacenter, service }: ServiceIdentity): string {
  return `spiffe://${trustDomain}/ns/default/dc/${datacenter}/svc/${service}`;
}

/** What is of the mesh itself and no service: who serves proxies their configuration, and mesh gateways. */
export interface PartIdentity {
  readonly trustDomain: TrustDomain;
  readonly datacenter: string;
  readonly service: null;
  readonly part: "control plane" | "mesh gateway";
  readonly dnsNames: readonly string[];
}

export function controlPlaneUri({
  trustDomain,
  datacenter,
}: Pick<PartIdentity, "trustDomain" | "datacenter">): string {
  return `spiffe://${trustDomain}/agent/server/dc/${datacenter}`;
}

function meshGatewayUri({ trustDomain, datacenter }: PartIdentity): string {
  return `spiffe://${trustDomain}/gateway/mesh/dc/${datacenter}`;
}

/** The name by which TLS clients ask for it; Consul's. */
export function controlPlaneName(datacenter: string): string {
  return `server.${datacenter}.consul`;
}

export type LeafIdentity = ServiceIdentity | PartIdentity;

export function uriOf(identity: LeafIdentity): string {
  if (identity.service !== null) return serviceUri(identity);
  return identity.part === "control plane" ? controlPlaneUri(identity) : meshGatewayUri(identity);
}

/** The service that an id names; null where it names something else. The path's letters are as they stand. */
export function parseServiceUri(uri: string): ServiceIdentity | null {
  const [, trustDomain, datacenter, service] =
    /^spiffe:\/\/([^/]+)\/ns\/default\/dc\/([^/]+)\/svc\/([^/]+)$/.exec(uri) ?? [];
  if (trustDomain === undefined || datacenter === undefined || service === undefined) return null;
  return { trustDomain: trustDomain.toLowerCase() as TrustDomain, datacenter, service };
}

/** What the root and intermediate certificates carry. */
export function signingUri(trustDomain: TrustDomain): string {
  return `spiffe://${trustDomain}`;
}
