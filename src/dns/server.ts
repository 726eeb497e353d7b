import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server as TcpServer, type Socket as TcpSocket } from "node:net";
import { decode, encode, TRUNCATED_RESPONSE } from "dns-packet";
import type { Log } from "#model/log.ts";
import { LARGEST_QUERY, type NameSource, respond } from "./respond.ts";

export interface DnsServerOptions extends Omit<NameSource, "recursors"> {
  readonly address: string;
  readonly port: number;
  readonly log: Log;
}

/** Bytes. Without EDNS an answer over UDP has room for so many (RFC 1035, 4.2.1). */
const PLAIN_UDP = 512;
/** What is sent over UDP at most, whatever the asker could take: larger ones are cut up on the way. */
const LARGEST_UDP = 1232;
/** Bytes, and milliseconds: bounds on what a stranger may keep open. */
const TCP_TIMEOUT = 5000;

/** Answers names of the mesh and of nodes over UDP and TCP; everything else goes to the machine's own name servers. */
export class DnsServer {
  readonly #udp: Socket;
  readonly #tcp: TcpServer;
  readonly #source: NameSource;

  private constructor(options: DnsServerOptions, recursors: readonly string[]) {
    this.#source = { ...options, recursors };
    this.#udp = createSocket("udp4");
    this.#udp.on("message", (message, from) => void this.#overUdp(message, from));
    this.#udp.on("error", (error) => options.log.warn("a DNS datagram could not be handled", { error }));
    this.#tcp = createServer((socket) => this.#overTcp(socket));
  }

  static async start(options: DnsServerOptions): Promise<DnsServer> {
    const server = new DnsServer(options, await recursorsOf("/etc/resolv.conf", options.address));
    server.#udp.bind(options.port, options.address);
    await once(server.#udp, "listening");
    server.#tcp.listen(options.port, options.address);
    await once(server.#tcp, "listening");
    return server;
  }

  async close(): Promise<void> {
    this.#udp.close();
    this.#tcp.close();
    await Promise.all([once(this.#udp, "close"), once(this.#tcp, "close")]);
  }

  async #overUdp(message: Buffer, from: RemoteInfo): Promise<void> {
    const response = await respond(message, this.#source);
    if (response === null) return;
    const limit = Math.min(LARGEST_UDP, roomOf(message));
    const bytes = response.length <= limit ? response : truncated(response);
    this.#udp.send(bytes, from.port, from.address);
  }

  /** Each message is led by its length in two bytes (RFC 1035, 4.2.2). */
  #overTcp(socket: TcpSocket): void {
    let received = Buffer.alloc(0);
    socket.setTimeout(TCP_TIMEOUT, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.on("data", (part: Buffer) => {
      received = Buffer.concat([received, part]);
      if (received.length > LARGEST_QUERY + 2) socket.destroy();
      for (let length = lengthOf(received); received.length >= length + 2; length = lengthOf(received)) {
        const message = received.subarray(2, length + 2);
        received = received.subarray(length + 2);
        void respond(message, this.#source).then((response) => reply(socket, response));
      }
    });
  }
}

function lengthOf(received: Buffer): number {
  return received.length >= 2 ? received.readUInt16BE(0) : Number.POSITIVE_INFINITY;
}

function reply(socket: TcpSocket, response: Buffer | null): void {
  if (response === null) {
    socket.destroy();
    return;
  }
  const head = Buffer.alloc(2);
  head.writeUInt16BE(response.length);
  socket.write(Buffer.concat([head, response]));
}

/** Only the question, and the sign to ask again over TCP. */
function truncated(response: Buffer): Buffer {
  const packet = decode(response);
  return encode({ ...packet, flags: (packet.flags ?? 0) | TRUNCATED_RESPONSE, answers: [], additionals: [] });
}

function roomOf(message: Buffer): number {
  const edns = decode(message).additionals?.find((record) => record.type === "OPT");
  return Math.max(PLAIN_UDP, edns !== undefined && "udpPayloadSize" in edns ? edns.udpPayloadSize : 0);
}

/** The machine's name servers, this one not among them. */
async function recursorsOf(file: string, own: string): Promise<string[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  const named = [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, server]) => server ?? "");
  return named.filter((server) => server !== own).slice(0, 3);
}
