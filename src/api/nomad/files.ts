import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { AllocationId } from "#model/id.ts";
import { allocations } from "#server/tables.ts";
import type { ApiContext } from "../context.ts";
import { badRequest, notFound } from "../http-error.ts";
import { isSet, parametersOf, queryOf, wholeNumber } from "../query.ts";
import { frames } from "./frames.ts";

/** `/v1/client/fs`: the files of an allocation, as far as people may see them. */
export function fileRoutes(app: FastifyInstance, { server: { state }, node }: ApiContext): void {
  const find = (request: FastifyRequest): AllocationId => {
    const allocation = state.get(allocations, parametersOf(request)["id"] ?? "");
    if (allocation === undefined) throw notFound("alloc not found");
    return allocation.ID;
  };
  const bytes = (reply: FastifyReply, content: AsyncIterable<Uint8Array>) => {
    reply.type("application/octet-stream");
    return reply.send(Readable.from(content));
  };

  app.get("/v1/client/fs/ls/:id", (request) => node.files(find(request)).list(pathOf(request)));

  app.get("/v1/client/fs/stat/:id", (request) => node.files(find(request)).stat(pathOf(request)));

  app.get("/v1/client/fs/cat/:id", async (request, reply) => {
    const path = await readable(node.files(find(request)), pathOf(request));
    return bytes(reply, node.files(find(request)).read(path, 0));
  });

  app.get("/v1/client/fs/readat/:id", async (request, reply) => {
    const { offset = "0", limit } = queryOf(request);
    if (limit === undefined) throw badRequest("must provide limit");
    const files = node.files(find(request));
    const path = await readable(files, pathOf(request));
    const content = files.read(path, wholeNumber("offset", offset), wholeNumber("limit", limit));
    return bytes(reply, content);
  });

  app.get("/v1/client/fs/stream/:id", async (request, reply) => {
    const { offset = "0", origin = "start", follow = "true", plain } = queryOf(request);
    if (origin !== "start" && origin !== "end") throw badRequest('origin must be "start" or "end"');
    const files = node.files(find(request));
    const path = await readable(files, pathOf(request));
    const { Size } = await files.stat(path);
    const given = wholeNumber("offset", offset);
    const start = origin === "start" ? given : Math.max(0, Size - given);
    const gone = new AbortController();
    request.raw.on("close", () => gone.abort());
    const content = isSet(follow)
      ? files.follow(path, start, gone.signal)
      : files.read(path, start, Math.max(0, Size - start));
    reply.type(isSet(plain) ? "text/plain" : "application/json");
    return reply.send(Readable.from(isSet(plain) ? content : frames(content, path.replace(/^\//, ""))));
  });
}

function pathOf(request: FastifyRequest): string {
  return queryOf(request)["path"] || "/";
}

/** Said before the answer has begun: afterwards there is no way to. */
async function readable(files: ReturnType<ApiContext["node"]["files"]>, path: string): Promise<string> {
  if ((await files.stat(path)).IsDir) throw badRequest(`"${path}" is a folder`);
  return path;
}
