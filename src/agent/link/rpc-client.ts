import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { createInterface } from "node:readline";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { BEAT } from "./rpc-server.ts";
import { clientTls } from "./shared-secret.ts";

/** Milliseconds. So long the other side may be silent in a stream before it counts as gone. */
const SILENCE = 5 * BEAT;
const TIMEOUT = 30_000;

/** Calls the methods of a side that has the same token; of several addresses, the next one when one fails. */
export class RpcClient {
  readonly #addresses: readonly { readonly host: string; readonly port: number }[];
  readonly #tls: ReturnType<typeof clientTls>;
  readonly #agent: Agent;
  #current = 0;

  /** `addresses`: `host:port` each. */
  constructor(addresses: readonly string[], token: string) {
    this.#addresses = addresses.map(parseAddress);
    this.#tls = clientTls(token);
    this.#agent = new Agent({ keepAlive: true, ...this.#tls });
  }

  close(): void {
    this.#agent.destroy();
  }

  call<Result>(name: string, ...args: readonly unknown[]): Promise<Result> {
    return this.callUntil(AbortSignal.timeout(TIMEOUT), name, ...args);
  }

  async callUntil<Result>(signal: AbortSignal, name: string, ...args: readonly unknown[]): Promise<Result> {
    const response = await this.#send(`/call/${name}`, args, signal);
    return JSON.parse(await answer(response)) as Result;
  }

  /** Ends without an error when `signal` aborts. */
  async *stream<Item>(name: string, args: readonly unknown[], signal: AbortSignal): AsyncGenerator<Item> {
    try {
      yield* this.#lines<Item>(name, args, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async *#lines<Item>(name: string, args: readonly unknown[], signal: AbortSignal): AsyncGenerator<Item> {
    const response = await this.#send(`/stream/${name}`, args, signal);
    if (response.statusCode !== 200) throw new Error(await answer(response));
    const silence = setTimeout(() => response.destroy(new Error("nothing was heard of the server")), SILENCE);
    try {
      for await (const line of createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })) {
        silence.refresh();
        if (line !== "") yield JSON.parse(line) as Item;
      }
    } finally {
      clearTimeout(silence);
      response.destroy();
    }
  }

  tunnel(name: string, argument: string): Promise<Duplex> {
    const path = `/tunnel/${name}/${encodeURIComponent(argument)}`;
    return new Promise((resolve, reject) => {
      const opening = request({
        ...{ ...this.#address(), ...this.#tls, path, agent: false, timeout: TIMEOUT },
        headers: { connection: "upgrade", upgrade: "yurt" },
      });
      opening.on("upgrade", (_response, socket) => resolve(socket));
      opening.on("response", (response) => reject(new Error(`no tunnel was made: ${response.statusCode}`)));
      opening.on("error", (error) => reject(this.#failed(error)));
      opening.end();
    });
  }

  #address() {
    return this.#addresses[this.#current % this.#addresses.length] ?? { host: "127.0.0.1", port: 4647 };
  }

  #send(path: string, args: readonly unknown[], signal: AbortSignal): Promise<IncomingMessage> {
    const body = JSON.stringify(args);
    return new Promise((resolve, reject) => {
      const sending = request({
        ...{ ...this.#address(), agent: this.#agent, path, signal, method: "POST" },
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
      });
      sending.on("response", resolve);
      sending.on("error", (error) => reject(this.#failed(error)));
      sending.end(body);
    });
  }

  #failed(error: Error): Error {
    const { host, port } = this.#address();
    this.#current += 1;
    return new Error(`${host}:${port} cannot be reached, or has another join token: ${error.message}`);
  }
}

async function answer(response: IncomingMessage): Promise<string> {
  const body = await text(response);
  if (response.statusCode !== 200) throw new Error(body);
  return body;
}

function parseAddress(address: string): { host: string; port: number } {
  const [, host = "", port = "4647"] = /^\[?([^\]]+?)\]?(?::(\d+))?$/.exec(address.trim()) ?? [];
  return { host, port: Number(port) };
}
