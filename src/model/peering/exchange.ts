import type { CheckStatus } from "../catalog.ts";
import type { Protocol } from "../config-entry/protocol.ts";

/** Whom to trust of the other mesh. */
export interface ToldBundle {
  readonly trustDomain: string;
  readonly datacenter: string;
  /** PEM, one certificate each. */
  readonly roots: readonly string[];
}

/** A mesh gateway, as others reach it. */
export interface ToldGateway {
  readonly id: string;
  readonly address: string;
  readonly port: number;
  readonly status: CheckStatus;
}

/** A service that may be called from the other mesh. */
export interface ToldService {
  readonly name: string;
  readonly protocol: Protocol;
  /** What its callers ask the gateways for. */
  readonly serverName: string;
  /** Who answers: the service itself, or those that it stands for. */
  readonly uris: readonly string[];
  readonly instances: readonly ToldInstance[];
}

export interface ToldInstance {
  readonly node: string;
  readonly id: string;
  readonly address: string;
  readonly port: number;
  readonly status: CheckStatus;
}
