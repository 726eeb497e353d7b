import type { Protocol } from "#model/config-entry/protocol.ts";
import type { TrustDomain } from "../ca/spiffe.ts";
import type { ChainError } from "../chain/chain-error.ts";
import type { CompiledChain } from "../chain/compiled-chain.ts";
import type { ReadEntry } from "../chain/protocol.ts";
import type { ProxyEntries } from "../proxy-settings.ts";
import type { ApiRoute } from "./api-binding.ts";
import type { ExportedName, WayElsewhere } from "./elsewhere.ts";

/** What the configuration of a gateway takes from the rest of the mesh. */
export interface GatewaySurroundings {
  readonly datacenter: string;
  readonly entry: ReadEntry;
  protocol(service: string): Protocol;
  chain(service: string): CompiledChain | ChainError;
  /** The chain of a service as it would be if `read` gave the entries. */
  compile(service: string, read: ReadEntry): CompiledChain | ChainError;
  /** The routes of API gateways, in order of their kinds and names. */
  routes(): readonly ApiRoute[];
  /** The entries that speak of the proxies of a service. */
  entries(service: string): ProxyEntries;
  trustDomain(): TrustDomain;
  /** Services that have instances and no proxies, in order of their names. */
  outsideServices(): readonly string[];
  /** Services that have proxies, in order of their names. */
  meshServices(): readonly string[];
  /** These, and those outside that a terminating gateway stands for; in order of their names. */
  reachedServices(): readonly string[];
  /** The other datacenters and meshes that are known. */
  elsewhere(): readonly WayElsewhere[];
  /** What peers may call. */
  exported(): readonly ExportedName[];
}
