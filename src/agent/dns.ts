import type { Directory } from "#dns/answer.ts";
import { DnsServer } from "#dns/server.ts";
import { readOnce } from "#mesh/cells.ts";
import { catalogNodes, checks, nodes, serviceKey, services } from "#mesh/tables.ts";
import { worstStatus } from "#model/catalog.ts";
import type { Log } from "#model/log.ts";
import type { Server } from "#server/server.ts";

/** Consul's port for names. */
const DNS_PORT = 8600;

export interface DnsOptions {
  readonly address: string;
  /** Null for the usual one, which another agent may have: then this one answers no names. */
  readonly port: number | null;
  readonly log: Log;
}

/** Answers names such as `api.service.consul` and `api.virtual.consul`. Null where the usual port is taken. */
export async function startDns(
  server: Server,
  { address, port, log }: DnsOptions,
): Promise<DnsServer | null> {
  try {
    return await DnsServer.start({ directory: directoryOf(server), address, port: port ?? DNS_PORT, log });
  } catch (error) {
    if (port !== null)
      throw new Error(`-dns-port: ${error instanceof Error ? error.message : String(error)}`);
    log.warn("no names are answered there. Choose another port with -dns-port", {
      address,
      port: DNS_PORT,
      error,
    });
    return null;
  }
}

function directoryOf({ state, mesh }: Server): Directory {
  const nodeAddress = (name: string) =>
    state.find(nodes, "name", name)[0]?.Address ?? state.get(catalogNodes, name)?.Address ?? null;
  return {
    datacenter: mesh.datacenter,
    nodeAddress,
    virtualAddress: (service) => readOnce(() => mesh.virtualAddress(service)?.Address ?? null),
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
