import { Readable } from "node:stream";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Allocation } from "#model/allocation.ts";
import { allocations } from "#server/tables.ts";
import type { ApiContext } from "../context.ts";
import { badRequest, notFound } from "../http-error.ts";
import { isSet, parametersOf, queryOf, wholeNumber } from "../query.ts";
import { frames } from "./frames.ts";

const WRITE = ["PUT", "POST"];

/** What only the node that runs an allocation can answer: its logs, its resource use, orders to its tasks. */
export function clientRoutes(app: FastifyInstance, { server: { state }, node }: ApiContext): void {
  const find = (request: FastifyRequest): Allocation => {
    const allocation = state.get(allocations, parametersOf(request)["id"] ?? "");
    if (allocation === undefined) throw notFound("alloc not found");
    return allocation;
  };

  app.get("/v1/client/fs/logs/:id", async (request, reply) => {
    const { ID } = find(request);
    const { task, type = "stdout", follow, plain, offset = "0", origin = "start" } = queryOf(request);
    if (task === undefined || task === "") throw badRequest("must provide task name");
    if (type !== "stdout" && type !== "stderr") throw badRequest('type must be "stdout" or "stderr"');
    if (origin !== "start" && origin !== "end") throw badRequest('origin must be "start" or "end"');
    const gone = new AbortController();
    request.raw.on("close", () => gone.abort());
    const bytes = node.logs(ID, task, {
      type,
      follow: isSet(follow),
      offset: wholeNumber("offset", offset),
      origin,
      signal: gone.signal,
    });
    const isPlain = isSet(plain);
    reply.type(isPlain ? "text/plain" : "application/json");
    return reply.send(Readable.from(isPlain ? bytes : frames(bytes, `alloc/logs/${task}.${type}.0`)));
  });

  app.get("/v1/client/allocation/:id/stats", (request) => node.stats(find(request).ID));

  app.route({
    method: WRITE,
    url: "/v1/client/allocation/:id/restart",
    handler: async (request) => {
      const { TaskName } = (request.body ?? {}) as { TaskName?: string };
      await node.restart(find(request).ID, TaskName || null);
      return {};
    },
  });

  app.route({
    method: WRITE,
    url: "/v1/client/allocation/:id/signal",
    handler: async (request) => {
      const { Task, Signal } = (request.body ?? {}) as { Task?: string; Signal?: string };
      if (!Signal) throw badRequest("Signal must be specified");
      await node.signal(find(request).ID, Task || null, Signal);
      return {};
    },
  });
}
