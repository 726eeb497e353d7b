import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ApiContext } from "../context.ts";
import { badRequest, HttpError } from "../http-error.ts";
import { queryOf } from "../query.ts";

/** What of the API speaks of a datacenter, and not of an agent. */
const ASKED = /^\/v1\/(catalog|health|config|connect|discovery-chain|kv|internal)\//;
/** What holds in all datacenters is written in the primary one. */
const COMMON = /^\/v1\/(config|connect\/(intentions|ca))\b/;
/** Longer than the longest blocking query. */
const LIMIT = 11 * 60_000;

/** Sends requests with `dc=<another>` there, and writes of config entries and intentions to the primary datacenter. */
export function askOtherDatacenters(app: FastifyInstance, { federation, agent }: ApiContext): void {
  app.addHook("preHandler", async (request, reply) => {
    const datacenter = meant(request, agent.datacenter, federation?.primary ?? agent.datacenter);
    if (datacenter === agent.datacenter) return;
    if (!federation?.names().includes(datacenter))
      throw new HttpError(
        500,
        `No path to datacenter: there is no "${datacenter}"; there are ${(federation?.names() ?? [agent.datacenter]).join(", ")}`,
      );
    const gone = new AbortController();
    reply.raw.on("close", () => gone.abort());
    const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(LIMIT)]);
    try {
      return pass(await federation.request(datacenter, forwarded(request, datacenter), signal), reply);
    } catch (error) {
      throw new HttpError(500, `datacenter ${datacenter} is not reached: ${(error as Error).message}`);
    }
  });
}

function meant(request: FastifyRequest, own: string, primary: string): string {
  const [path = ""] = request.url.split("?");
  if (!ASKED.test(`${path}/`) || path === "/v1/catalog/datacenters") return own;
  const { dc = "", cas } = queryOf(request);
  const isWrite = request.method !== "GET" && request.method !== "HEAD";
  if (dc === "" && isWrite && COMMON.test(path) && primary !== own) {
    if (cas !== undefined)
      throw badRequest(
        `Invalid cas: indexes here are not those of the primary datacenter, ${primary}: read and write there, with dc=${primary}`,
      );
    return primary;
  }
  return dc || own;
}

function forwarded(request: FastifyRequest, datacenter: string) {
  const url = new URL(request.url, "http://datacenter");
  url.searchParams.set("dc", datacenter);
  const headers = ["x-consul-token", "authorization"].flatMap((name) => {
    const value = request.headers[name];
    return typeof value === "string" ? [[name, value] as const] : [];
  });
  const { body } = request;
  return {
    method: request.method,
    url: `${url.pathname}${url.search}`,
    headers: Object.fromEntries(headers),
    body: bytesOf(body).toString("base64"),
  };
}

/** Values of keys are read as bytes, everything else as JSON. */
function bytesOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(body === null || body === undefined ? "" : JSON.stringify(body));
}

function pass(
  answer: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  },
  reply: FastifyReply,
) {
  const kept = Object.entries(answer.headers).filter(
    ([name]) => name === "content-type" || name.startsWith("x-consul-"),
  );
  return reply.code(answer.status).headers(Object.fromEntries(kept)).send(Buffer.from(answer.body, "base64"));
}
