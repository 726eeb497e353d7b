/**
 * PENDING: a token was made for it. ESTABLISHING: the token was used. ACTIVE: both meshes tell each other what they
 * export. FAILING: they cannot reach each other; what was told before holds on. DELETING: it is being taken away here.
 * TERMINATED: the other side took it away. Names are Consul's.
 */
export type PeeringState = "PENDING" | "ESTABLISHING" | "ACTIVE" | "FAILING" | "DELETING" | "TERMINATED";

/** That another mesh is known here under a name. Secrets are kept apart. */
export interface Peering {
  readonly ID: string;
  readonly Name: string;
  readonly State: PeeringState;
  readonly Meta: Readonly<Record<string, string>>;
  /** Of the side that dials, which is the one that was given a token; empty on the other. */
  readonly PeerID: string;
  readonly PeerServerName: string;
  readonly PeerServerAddresses: readonly string[];
  /** Whom it must be signed by, until the peer has told its roots. */
  readonly PeerCAPems: readonly string[];
  /** Known since the token was used; the trust domain does not change any more. */
  readonly Remote: PeerFacts | null;
}

/** What a mesh says of itself when a token is used. */
export interface PeerFacts {
  readonly TrustDomain: string;
  readonly Datacenter: string;
}

export const NAME_OF_PEER = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export function dials({ PeerID }: Pick<Peering, "PeerID">): boolean {
  return PeerID !== "";
}
