import { request } from "node:http";

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
