import type { Protocol } from "#model/config-entry/protocol.ts";
import type { TrustDomain } from "../ca/spiffe.ts";
import type { ChainOverrides } from "./compiled-chain.ts";

export interface ChainQuestion {
  readonly service: string;
  /** Where the service is. */
  readonly datacenter: string;
  readonly trustDomain: TrustDomain;
  /** Where the requests are made, if that is elsewhere: what is not there may be reached through gateways. */
  readonly usedIn?: string;
  readonly overrides: ChainOverrides;
  /** The peer whose service is asked for; empty for an own one. */
  readonly peer?: string;
  /** What is known of a peer's service; nothing, by default. */
  readonly imported?: ReadImported;
}

/** What a peer tells of a service that it exports. */
export interface Imported {
  readonly protocol: Protocol;
  readonly serverName: string;
  readonly uris: readonly string[];
  readonly trustDomain: string;
}

export type ReadImported = (peer: string, service: string) => Imported | null;

export const noOverrides: ChainOverrides = { meshGateway: "", protocol: "", connectTimeout: 0 };
