import { serviceUri, type TrustDomain } from "./ca/spiffe.ts";

/** A set of instances that requests can be sent to, and who they must prove to be. */
export interface Target {
  readonly service: string;
  readonly datacenter: string;
  /** The name of its cluster, and the server name (SNI) of connections to it; Consul's form. */
  readonly name: string;
  readonly uri: string;
}

export function targetOf(service: string, datacenter: string, trustDomain: TrustDomain): Target {
  return {
    service,
    datacenter,
    name: `${service}.default.${datacenter}.internal.${trustDomain}`,
    uri: serviceUri({ trustDomain, datacenter, service }),
  };
}
