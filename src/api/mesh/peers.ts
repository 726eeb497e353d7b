import type { FastifyInstance } from "fastify";
import { readOnce } from "#mesh/cells.ts";
import { importedServices, peerings } from "#mesh/peering/tables.ts";
import { configEntries } from "#mesh/tables.ts";
import type { ApiContext } from "../context.ts";
import { blockingQuery } from "../query.ts";

/** `/v1/mesh/peers`: Yurt's own. Other meshes, and how many services each side lets the other call. */
export function peerRoutes(app: FastifyInstance, { server: { state, mesh } }: ApiContext): void {
  app.get("/v1/mesh/peers", (request, reply) =>
    blockingQuery(state, [peerings, importedServices, configEntries], request, reply, () =>
      state
        .all(peerings)
        .sort((a, b) => (a.Name < b.Name ? -1 : 1))
        .map(({ Name, State }) => ({
          ...{ Name, State },
          Gateways: readOnce(() => mesh.peers.gatewaysOf(Name)).filter(({ healthy }) => healthy).length,
          Imported: state.find(importedServices, "peer", Name).length,
          Exported: readOnce(() => mesh.exports.to(Name)).length,
        })),
    ),
  );
}
