import { request } from "node:http";
import { pause } from "#model/pulse.ts";

/** Milliseconds, and bytes. */
const TIMEOUT = 5000;
const LIMIT = 64 * 1024 * 1024;

/** A page of an Envoy's admin interface, over its socket. Pages that change something are to be posted. */
export function adminPage(socketPath: string, path: string, method: "GET" | "POST" = "GET"): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, method, agent: false, signal: AbortSignal.timeout(TIMEOUT) });
    sent.on("error", reject);
    sent.on("response", (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > LIMIT) sent.destroy(new Error("the page is too long"));
      });
      response.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
      response.on("error", reject);
    });
    sent.end();
  });
}

/**
 * From now on each answer of the Envoy asks for its connection to be closed: who calls goes elsewhere, and no
 * request is cut off. An Envoy that does not answer has nobody to be told.
 */
export async function drain(socketPath: string): Promise<void> {
  await adminPage(socketPath, "/healthcheck/fail", "POST").catch(() => "");
}

/** Requests of other proxies, or of clients of a gateway; not those that the tasks themselves make. */
const INBOUND =
  "^http\\.(public_listener|ingress_upstream_\\d+|terminating_gateway\\..+)\\.downstream_rq_active$";
/** Milliseconds. */
const LOOK = 50;

/** Waits until every request that has reached one of these Envoys is answered, or `signal` aborts. */
export async function untilAnswered(socketPaths: readonly string[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const counts = await Promise.all(socketPaths.map(requestsUnderWay));
    if (counts.every((count) => count === 0)) return;
    await pause(LOOK);
  }
}

async function requestsUnderWay(socketPath: string): Promise<number> {
  const page = `/stats?filter=${encodeURIComponent(INBOUND)}`;
  const text = await adminPage(socketPath, page).catch(() => "");
  return text.matchAll(/: (\d+)$/gm).reduce((sum, [, count]) => sum + Number(count), 0);
}
