import { isDeepStrictEqual } from "node:util";
import type { CheckStatus } from "#model/catalog.ts";
import { cells } from "../cells.ts";
import type { Imported } from "../chain/question.ts";
import { type Endpoint, sameEndpoints } from "../endpoint.ts";
import type { WayElsewhere } from "../gateway/elsewhere.ts";
import type { TableCells } from "../table-cells.ts";
import { type ImportedService, importedKey, importedServices, type PeerMesh, peerMeshes } from "./tables.ts";

/** The meshes that this one knows, as they tell of themselves. */
export class Peers {
  readonly #sources: TableCells;

  constructor(sources: TableCells) {
    this.#sources = sources;
  }

  /** In order of their names here. */
  readonly all = cells(
    (): readonly Pick<PeerMesh, "peer" | "trustDomain" | "roots">[] =>
      this.#sources
        .find(peerMeshes, "all", "yes")
        .map(({ peer, trustDomain, roots }) => ({ peer, trustDomain, roots }))
        .sort((a, b) => (a.peer < b.peer ? -1 : 1)),
    isDeepStrictEqual,
  );

  /** The roots of one, as PEM; empty for one that is not known. */
  trustBundle(peer: string): string {
    return this.#sources.get(peerMeshes, peer)?.roots.join("") ?? "";
  }

  /** A service that one lets us call. */
  service(peer: string, name: string): ImportedService | undefined {
    return this.#sources.get(importedServices, importedKey({ peer, name }));
  }

  /** What of it a chain is made of: its instances come and go without another chain. */
  readonly imported = cells((key): Imported | null => {
    const { peer, service } = JSON.parse(key) as { peer: string; service: string };
    const [found, mesh] = [this.service(peer, service), this.#sources.get(peerMeshes, peer)];
    if (found === undefined || mesh === undefined) return null;
    const { protocol, serverName, uris } = found;
    return { protocol, serverName, uris, trustDomain: mesh.trustDomain };
  }, isDeepStrictEqual);

  /** The gateways of one, as they are reached from here. */
  readonly gatewaysOf = cells(
    (peer): readonly Endpoint[] =>
      (this.#sources.get(peerMeshes, peer)?.gateways ?? [])
        .map(({ id, address, port, status }) => ({
          ...{ id, node: "", address, port, weight: 1, beside: null },
          healthy: isWell(status),
        }))
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
    sameEndpoints,
  );

  /** Whether any instance of a service over there is well, so that calling it makes sense. */
  hasWellInstance(peer: string, name: string): boolean {
    return this.service(peer, name)?.instances.some(({ status }) => isWell(status)) ?? false;
  }

  /** By which server names our own gateways know that a connection is for one. */
  ways(): WayElsewhere[] {
    return this.all("").map(({ peer, trustDomain }) => ({
      elsewhere: { kind: "peer", name: peer },
      cluster: `${peer}.external.${trustDomain}`,
      serverName: `*.external.${trustDomain}`,
    }));
  }
}

function isWell(status: CheckStatus): boolean {
  return status === "passing" || status === "warning";
}
