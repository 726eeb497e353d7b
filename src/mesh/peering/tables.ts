import type { ToldBundle, ToldGateway, ToldService } from "#model/peering/exchange.ts";
import { keyOf, table } from "#state/table.ts";

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
