import type { TrustDomain } from "../ca/spiffe.ts";
import type { ChainOverrides } from "./compiled-chain.ts";

export interface ChainQuestion {
  readonly service: string;
  /** Where the requests are made. */
  readonly datacenter: string;
  readonly trustDomain: TrustDomain;
  readonly overrides: ChainOverrides;
}

export const noOverrides: ChainOverrides = { meshGateway: "", protocol: "", connectTimeout: 0 };
