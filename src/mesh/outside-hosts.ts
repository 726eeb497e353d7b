import { isIP } from "node:net";
import type { ServiceDefaults } from "#model/config-entry/config-entry.ts";
import type { TrustDomain } from "./ca/spiffe.ts";
import { serverName } from "./chain/place.ts";
import type { Endpoint } from "./endpoint.ts";

/** One of the hosts outside that a service stands for, by the `Destination` in its defaults. */
export interface OutsideHost {
  /** An address, or a name. */
  readonly host: string;
  readonly port: number;
  /** The server name by which a terminating gateway is asked for it; the name of its cluster. */
  readonly name: string;
}

interface Mesh {
  readonly datacenter: string;
  trustDomain(): TrustDomain;
}

export function outsideHosts(entry: ServiceDefaults | undefined, mesh: Mesh): OutsideHost[] {
  if (!entry?.Destination) return [];
  const { Addresses, Port: port } = entry.Destination;
  return Addresses.map((host) => {
    const subset = host.toLowerCase().replaceAll(/[^a-z0-9]/g, "-");
    const place = { service: entry.Name, subset, datacenter: mesh.datacenter, peer: "" };
    return { host, port, name: serverName(place, mesh.trustDomain()) };
  });
}

/** Nobody asks for their health. */
export function endpointsOfHosts(hosts: readonly Pick<OutsideHost, "host" | "port">[]): Endpoint[] {
  return hosts.map(({ host, port }) => ({
    ...{ id: host, node: "", address: host, port },
    ...{ healthy: true, weight: 1, beside: null },
  }));
}

export const isAddress = ({ host }: Pick<OutsideHost, "host">) => isIP(host) !== 0;
