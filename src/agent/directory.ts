import type { Directory } from "#dns/answer.ts";
import { readOnce } from "#mesh/cells.ts";
import { catalogNodes, checks, nodes, serviceKey, services } from "#mesh/tables.ts";
import { worstStatus } from "#model/catalog.ts";
import type { Server } from "#server/server.ts";

/** What names are answered from, as the state has it. */
export function directoryOf({ state, mesh }: Server): Directory {
  const nodeAddress = (name: string) =>
    state.find(nodes, "name", name)[0]?.Address ?? state.get(catalogNodes, name)?.Address ?? null;
  return {
    datacenter: mesh.datacenter,
    nodeAddress,
    virtualAddress: (service, peer) => readOnce(() => mesh.virtualAddress(service, peer)?.Address ?? null),
    instances: (service) =>
      state
        .find(services, "name", service)
        .map((instance) => ({
          instance,
          status: worstStatus(state.find(checks, "instance", serviceKey(instance))),
        }))
        .filter(({ status }) => status === "passing" || status === "warning")
        .map(({ instance, status }) => ({
          node: instance.Node,
          address: instance.Address || (nodeAddress(instance.Node) ?? ""),
          port: instance.Port,
          tags: instance.Tags,
          weight: status === "warning" ? instance.Weights.Warning : instance.Weights.Passing,
        })),
  };
}
