import { createHash, randomFillSync } from "node:crypto";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Place } from "./client.ts";

const MEBIBYTE = 1024 * 1024;

/** What was sent and what came back. */
export interface Echoed {
  readonly sent: string;
  readonly returned: string;
  readonly bytes: number;
}

/** A server that sends every body back while it arrives. */
export async function startEcho({ address, port }: Place): Promise<AsyncDisposable> {
  const server = createServer((incoming, outgoing) => {
    pipeline(incoming, outgoing).catch(() => outgoing.destroy());
  }).listen(port, address);
  await once(server, "listening");
  return {
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Sends so many mebibytes in one body, none of them like another, and hashes what goes and what comes. */
export async function echo({ address, port }: Place, mebibytes: number): Promise<Echoed> {
  const [sent, returned] = [createHash("sha256"), createHash("sha256")];
  const body = Readable.from(
    blocks(mebibytes, (block) => sent.update(block)),
    { highWaterMark: 1 },
  );
  const headers = { "content-length": mebibytes * MEBIBYTE };
  const outgoing = request({ host: address, port, method: "POST", headers, agent: false });
  const answered = once(outgoing, "response");
  const sending = pipeline(body, outgoing);
  sending.catch(() => {});
  const [incoming] = await answered;
  let bytes = 0;
  for await (const part of incoming) {
    bytes += part.length;
    returned.update(part);
  }
  await sending;
  return { sent: sent.digest("hex"), returned: returned.digest("hex"), bytes };
}

function* blocks(count: number, seen: (block: Buffer) => void): Generator<Buffer> {
  const random = randomFillSync(Buffer.alloc(MEBIBYTE));
  for (let i = 0; i < count; i++) {
    const block = Buffer.from(random);
    block.writeUInt32BE(i);
    seen(block);
    yield block;
  }
}
