import { PassThrough } from "node:stream";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { eventsOf, type Topics } from "#server/events.ts";
import type { StateChange } from "#state/state.ts";
import type { ApiContext } from "../context.ts";
import { queryOf } from "../query.ts";

/** So many of the last commits are kept for those who ask from an earlier index. */
const KEPT = 256;
/** Milliseconds. An empty object goes out so often, that both ends know of each other. */
const HEARTBEAT = 10_000;
/** Bytes. Who reads more slowly than that is cut off, and asks again from where it was. */
const UNREAD = 4 * 1024 * 1024;

/** `/v1/event/stream`: everything that happens, as JSON line by line. */
export function eventRoutes(app: FastifyInstance, { server: { state } }: ApiContext): void {
  const recent: StateChange[] = [];
  const listeners = new Set<(change: StateChange) => void>();
  const stop = state.observe((change) => {
    recent.push(change);
    if (recent.length > KEPT) recent.shift();
    for (const listener of listeners) listener(change);
  });
  app.addHook("onClose", async () => stop());

  app.get("/v1/event/stream", async (request, reply) => {
    const topics = topicsOf(request);
    const { namespace = "default", index = "0" } = queryOf(request);
    const stream = new PassThrough();
    const send = (change: StateChange) => {
      const Events = eventsOf(change, topics).filter(
        ({ Namespace }) => namespace === "*" || Namespace === "" || Namespace === namespace,
      );
      if (Events.length > 0) stream.write(`${JSON.stringify({ Index: change.revision, Events })}\n`);
      if (stream.writableLength > UNREAD) stream.destroy();
    };
    const after = Number(index);
    if (after > 0) for (const change of recent) if (change.revision >= after) send(change);
    listeners.add(send);
    const beat = setInterval(() => stream.write("{}\n"), HEARTBEAT);
    const end = () => {
      listeners.delete(send);
      clearInterval(beat);
      stream.destroy();
    };
    request.raw.socket.on("close", end);
    stream.on("close", end);
    stream.write("{}\n");
    return reply.type("application/json").send(stream);
  });
}

/** `topic=Job:web&topic=Node`; without any, everything. */
function topicsOf(request: FastifyRequest): Topics {
  const given = (request.query as Record<string, string | string[] | undefined>)["topic"];
  const asked = given === undefined ? ["*"] : [given].flat();
  const topics = new Map<string, Set<string>>();
  for (const text of asked) {
    const colon = text.indexOf(":");
    const [topic, key] = colon < 0 ? [text, "*"] : [text.slice(0, colon), text.slice(colon + 1)];
    topics.set(topic, (topics.get(topic) ?? new Set()).add(key === "" ? "*" : key));
  }
  return topics;
}
