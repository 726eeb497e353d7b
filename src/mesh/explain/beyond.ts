import type { ChainTarget } from "../chain/compiled-chain.ts";
import type { Decision } from "../intention-decision.ts";
import type { Mesh } from "../mesh.ts";

/** What is known here of a request that goes on in the mesh of a peer. */
export interface Beyond {
  readonly peer: string;
  readonly instances: readonly {
    readonly id: string;
    readonly address: string;
    readonly port: number;
    readonly healthy: boolean;
  }[];
  /** Why it cannot get there; null where nothing is known to stand in its way. */
  readonly problem: string | null;
}

/** Null for a target in the own mesh. */
export function beyondOf(mesh: Mesh, target: ChainTarget): Beyond | null {
  const { Peer: peer, Service: service } = target;
  if (peer === "") return null;
  const told = mesh.peers.service(peer, service)?.instances ?? [];
  return {
    peer,
    instances: told.map(({ id, address, port, status }) => ({
      ...{ id, address, port },
      healthy: status === "passing" || status === "warning",
    })),
    problem: problemOf(mesh, target),
  };
}

function problemOf(mesh: Mesh, { Peer: peer, Service: service, MeshGateway }: ChainTarget): string | null {
  const isKnown = mesh.peers.all("").some((each) => each.peer === peer);
  if (!isKnown) return `there is no peer "${peer}"`;
  const told = mesh.peers.service(peer, service);
  if (told === undefined) return `the peer "${peer}" exports no service "${service}" to this mesh`;
  if (told.instances.length === 0) return `"${service}" has no instances at the peer "${peer}"`;
  if (MeshGateway.Mode === "local" && mesh.instances.localGateways("").length === 0)
    return "this mesh has no mesh gateway, and the mode is local";
  if (mesh.peers.gatewaysOf(peer).length === 0) return `the peer "${peer}" has no mesh gateway`;
  return null;
}

/** Nobody here knows the intentions of another mesh. */
export function decisionBeyond(peer: string, source: string): Decision & { readonly because: string } {
  return {
    ...{ allowed: true, intention: null, permission: null, lacksToken: false, overruled: [] },
    because: `the intentions of the peer "${peer}" decide, over there, of "${source}" of this mesh`,
  };
}
