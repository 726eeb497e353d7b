import type { ServiceInstance } from "#model/catalog.ts";

/** Another datacenter of this mesh, or another mesh: it is reached by its mesh gateways. */
export type Elsewhere =
  | { readonly kind: "datacenter"; readonly name: string }
  | { readonly kind: "peer"; readonly name: string };

/** By which server names a mesh gateway knows that a connection goes on to the gateways of a place elsewhere. */
export interface WayElsewhere {
  readonly elsewhere: Elsewhere;
  /** Of those gateways; named as `serverName`, without the wildcard. */
  readonly cluster: string;
  /** `*.<datacenter>.internal.<trust domain>`; of a peer `*.external.<trust domain>`. */
  readonly serverName: string;
}

/** A service as a peer's callers ask our gateways for it. */
export interface ExportedName {
  readonly service: string;
  readonly peer: string;
  readonly serverName: string;
}

/** Where a mesh gateway is reached from its own datacenter (`lan`) or from elsewhere (`wan`). */
export function gatewayAddress(
  { Address, Port, TaggedAddresses }: ServiceInstance,
  from: "lan" | "wan",
): { readonly address: string; readonly port: number } {
  const tagged = TaggedAddresses?.[from];
  return tagged ? { address: tagged.Address, port: tagged.Port } : { address: Address, port: Port };
}
