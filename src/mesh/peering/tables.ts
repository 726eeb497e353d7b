import type { ToldBundle, ToldGateway, ToldService } from "#model/peering/exchange.ts";
import type { Peering } from "#model/peering/peering.ts";
import { keyOf, table } from "#state/table.ts";

/** By name. */
export const peerings = table("peerings", { id: ({ ID }: Peering) => [ID] });

/** By the peering's id. Of secrets that others must show only hashes are kept; the own one is sealed as keys are. */
export interface PeeringSecrets {
  /** What the token opens once. */
  readonly Establishment: { readonly Hash: string; readonly Expires: number; readonly Used: boolean } | null;
  /** What the side that dials shows each time. */
  readonly StreamHash: string;
  /** What we show. */
  readonly Stream: string;
}

export const peeringSecrets = table<PeeringSecrets>("peering-secrets");

/** What a peer has told of itself, by its name. */
export interface PeerMesh extends ToldBundle {
  readonly peer: string;
  readonly gateways: readonly ToldGateway[];
}

export const peerMeshes = table("peer-meshes", { all: (_: PeerMesh) => ["yes"] });

/** What a peer lets us call. */
export interface ImportedService extends ToldService {
  readonly peer: string;
}

export const importedServices = table("imported-services", {
  peer: ({ peer }: ImportedService) => [peer],
  name: ({ name }: ImportedService) => [name],
});

export const importedKey = ({ peer, name }: Pick<ImportedService, "peer" | "name">) => keyOf(peer, name);
