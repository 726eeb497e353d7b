import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";

/** Milliseconds for each name server. */
const PATIENCE = 2000;

/** Asks the name servers one after the other; null when none answers. */
export async function forward(query: Buffer, servers: readonly string[]): Promise<Buffer | null> {
  for (const server of servers) {
    const response = await ask(query, server);
    if (response !== null) return response;
  }
  return null;
}

function ask(query: Buffer, server: string): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(server) ? "udp6" : "udp4");
    const end = (response: Buffer | null) => {
      clearTimeout(timer);
      socket.close();
      resolve(response);
    };
    const timer = setTimeout(() => end(null), PATIENCE);
    socket.once("error", () => end(null));
    // Only who was asked, by the question's own number, is believed.
    socket.on("message", (response, { address }) => {
      if (address === server && response.length > 12 && response.readUInt16BE(0) === query.readUInt16BE(0))
        end(response);
    });
    socket.send(query, 53, server);
  });
}
