import { readOnce } from "#mesh/cells.ts";
import { proxyConfigOf } from "#model/config-entry/proxy-config.ts";
import type { NodeId } from "#model/id.ts";
import type { ServerLink } from "#node/server-link.ts";
import { deregisterService } from "#server/agent-services.ts";
import { putServices, removeServices, updateChecks } from "#server/catalog.ts";
import type { Federation } from "#server/datacenters/federation.ts";
import { HEARTBEAT, type NodeLiveness } from "#server/node-liveness.ts";
import { registerNode, updateAllocations } from "#server/node-requests.ts";
import { registeredChecks } from "#server/registered-checks.ts";
import type { Server } from "#server/server.ts";
import { watchTemplateData } from "#server/template-data.ts";
import type { AdsServer } from "#xds/ads-server.ts";
import { bootstrap } from "#xds/bootstrap.ts";

/** The way from a node to the server that lives in the same process. */
export function localLink(server: Server, ads: AdsServer, federation: Federation | null): ServerLink {
  const { state, mesh, nodes, assignments } = server;
  return {
    registerNode: (node) => registerNode(state, node),
    allocations: (node, signal) => alive(nodes, node, assignments.of(node, signal)),
    updateAllocations: (updates) => updateAllocations(state, updates),
    putServices: (allocation, services) => putServices(state, allocation, services),
    removeServices: (allocation) => removeServices(state, allocation),
    updateChecks: (node, updates) => updateChecks(state, node, updates),
    registeredChecks: (node, signal) => registeredChecks(state, node, signal),
    deregisterService: (node, id) => deregisterService(state, node, id),
    identity: (request) => server.identities.sign(request),
    templateData: (query, signal) => {
      const datacenter = "datacenter" in query ? (query.datacenter ?? mesh.datacenter) : mesh.datacenter;
      return federation === null || datacenter === mesh.datacenter
        ? watchTemplateData(server, query, signal)
        : federation.templateData(datacenter, query, signal);
    },
    proxyBootstrap: async ({ controlPlaneSocket, ...placement }) =>
      JSON.stringify(
        bootstrap({
          ...placement,
          datacenter: mesh.datacenter,
          trustDomain: mesh.trustDomain(),
          config: readOnce(() => mesh.sidecar(placement.proxyId)?.settings.config) ?? proxyConfigOf(),
          controlPlane: { kind: "socket", path: controlPlaneSocket },
        }),
      ),
    serveProxy: async (path, proxyId) => {
      await ads.listen(path, proxyId);
      return { [Symbol.asyncDispose]: () => ads.forget(path) };
    },
  };
}

/** A node in the same process is there for as long as it listens. */
async function* alive<Item>(
  nodes: NodeLiveness,
  node: NodeId,
  items: AsyncIterable<Item>,
): AsyncGenerator<Item> {
  nodes.heard(node);
  const beat = setInterval(() => nodes.heard(node), HEARTBEAT);
  try {
    yield* items;
  } finally {
    clearInterval(beat);
  }
}
