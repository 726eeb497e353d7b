import { importedKey, importedServices } from "#mesh/peering/tables.ts";
import type { ToldInstance } from "#model/peering/exchange.ts";
import type { State } from "#state/state.ts";

/** The instances of a peer's service in the shapes of Consul's API: what the peer tells of them, and no more. */

export function importedHealth(state: State, peer: string, name: string, onlyPassing: boolean) {
  return instancesOf(state, peer, name)
    .filter(({ status }) => !onlyPassing || status === "passing")
    .map((instance) => ({
      Node: { ...nodeOf(instance), PeerName: peer },
      Service: {
        ...{ ID: instance.id, Service: name, Tags: [] as string[], Meta: {} },
        ...{ Address: instance.address, Port: instance.port, PeerName: peer },
      },
      Checks: [
        {
          ...{ Node: instance.node, CheckID: `${peer}:${name}:overall`, Name: "overall-check" },
          ...{ Status: instance.status, ServiceID: instance.id, ServiceName: name, PeerName: peer },
        },
      ],
    }));
}

export function importedCatalog(state: State, peer: string, name: string) {
  return instancesOf(state, peer, name).map((instance) => ({
    ...nodeOf(instance),
    ...{ ServiceID: instance.id, ServiceName: name, ServiceTags: [] as string[], ServiceMeta: {} },
    ...{ ServiceAddress: instance.address, ServicePort: instance.port, PeerName: peer },
  }));
}

function instancesOf(state: State, peer: string, name: string): readonly ToldInstance[] {
  return state.get(importedServices, importedKey({ peer, name }))?.instances ?? [];
}

function nodeOf({ node, address }: ToldInstance) {
  return { Node: node, Address: address };
}
