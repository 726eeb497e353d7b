import type { FastifyInstance, FastifyRequest } from "fastify";
import { nodePool } from "#model/node-pool.ts";
import { allPools, deletePool, jobsOf, nodesOf, putPool } from "#server/node-pools.ts";
import { allocations, evaluations, jobs, nodePools, nodes } from "#server/tables.ts";
import type { ApiContext } from "../context.ts";
import { badRequest, notFound } from "../http-error.ts";
import { blockingQuery, parametersOf, queryOf } from "../query.ts";
import { read } from "../read-body.ts";
import { jobStub } from "./jobs.ts";
import { nodeStub } from "./nodes.ts";

/** Node pools: sets of nodes, of which jobs may ask for one. */
export function nodePoolRoutes(app: FastifyInstance, { server: { state } }: ApiContext): void {
  const find = (request: FastifyRequest) => {
    const pool = allPools(state).find(({ Name }) => Name === parametersOf(request)["name"]);
    if (pool === undefined) throw notFound("node pool not found");
    return pool;
  };

  app.get("/v1/node/pools", (request, reply) =>
    blockingQuery(state, [nodePools, nodes], request, reply, () =>
      allPools(state).filter(({ Name }) => Name.startsWith(queryOf(request)["prefix"] ?? "")),
    ),
  );
  app.get("/v1/node/pool/:name", (request, reply) =>
    blockingQuery(state, [nodePools, nodes], request, reply, () => find(request)),
  );
  app.get("/v1/node/pool/:name/nodes", (request, reply) =>
    blockingQuery(state, [nodePools, nodes], request, reply, () =>
      nodesOf(state, find(request).Name).map(nodeStub),
    ),
  );
  app.get("/v1/node/pool/:name/jobs", (request, reply) =>
    blockingQuery(state, [jobs, allocations, evaluations], request, reply, () =>
      jobsOf(state, find(request).Name).map((job) => jobStub(state, job)),
    ),
  );

  const put = async (request: FastifyRequest) => {
    const pool = read(nodePool, request.body);
    const { name = pool.Name } = parametersOf(request);
    if (name !== pool.Name) throw badRequest(`Node pool name does not match request path: "${name}"`);
    if (name === "") throw badRequest("Name: a node pool has a name");
    return { Index: await putPool(state, pool) };
  };
  app.route({ method: ["PUT", "POST"], url: "/v1/node/pools", handler: put });
  app.route({ method: ["PUT", "POST"], url: "/v1/node/pool/:name", handler: put });
  app.delete("/v1/node/pool/:name", async (request) => ({
    Index: await deletePool(state, parametersOf(request)["name"] ?? ""),
  }));
}
