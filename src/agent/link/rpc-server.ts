import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { Duplex } from "node:stream";
import { json } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { Log } from "#model/log.ts";
import { serverTls } from "./shared-secret.ts";

/** What one side lets the other call. Arguments and results are plain data. */
export interface Methods {
  readonly calls: Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;
  readonly streams: Readonly<Record<string, (...args: never[]) => AsyncIterable<unknown>>>;
  /** Bytes both ways, for one argument. */
  readonly tunnels: Readonly<Record<string, (argument: string) => Promise<Duplex>>>;
}

/** Milliseconds. A stream that has nothing to say sends an empty line so often. */
export const BEAT = 3000;
const BODY_LIMIT = 64 * 1024 * 1024;

/** Serves methods to whoever has the token: `/call/<name>`, `/stream/<name>` and, upgraded, `/tunnel/<name>/<argument>`. */
export class RpcServer {
  readonly #server: Server;
  readonly #methods: Methods;
  readonly #log: Log;

  private constructor(token: string, methods: Methods, log: Log) {
    this.#methods = methods;
    this.#log = log;
    this.#server = createServer({ ...serverTls(token), requestTimeout: 0 });
    this.#server.on("request", (request, response) => {
      this.#answer(request, response).catch((error: unknown) => refuse(response, error));
    });
    this.#server.on("upgrade", (request: IncomingMessage, socket: Duplex) => {
      this.#tunnel(request, socket).catch((error: unknown) => {
        log.warn("a tunnel could not be made", { path: request.url, error });
        socket.destroy();
      });
    });
    this.#server.on("tlsClientError", (error) => log.debug("a connection without the join token", { error }));
  }

  static async start(
    host: string,
    port: number,
    token: string,
    methods: Methods,
    log: Log,
  ): Promise<RpcServer> {
    const server = new RpcServer(token, methods, log);
    await new Promise<void>((resolve, reject) => {
      server.#server.once("error", reject).listen(port, host, resolve);
    });
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, kind = "", name = ""] = (request.url ?? "").split("/");
    const args = await argumentsOf(request);
    const call = kind === "call" ? own(this.#methods.calls, name) : undefined;
    const stream = kind === "stream" ? own(this.#methods.streams, name) : undefined;
    if (call) response.end(JSON.stringify((await call(...args)) ?? null));
    else if (stream) await this.#stream(response, (signal) => stream(...args, signal as never));
    else response.writeHead(404).end(`there is no method ${name}`);
  }

  async #stream(
    response: ServerResponse,
    open: (signal: AbortSignal) => AsyncIterable<unknown>,
  ): Promise<void> {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    response.writeHead(200).flushHeaders();
    const beat = setInterval(() => response.write("\n"), BEAT);
    try {
      for await (const item of open(gone.signal)) {
        if (!response.write(`${JSON.stringify(item)}\n`) && !gone.signal.aborted) await drained(response);
        if (gone.signal.aborted) break;
      }
    } catch (error) {
      this.#log.debug("a stream to the other side broke", { error });
    } finally {
      clearInterval(beat);
      response.end();
    }
  }

  async #tunnel(request: IncomingMessage, socket: Duplex): Promise<void> {
    const [, kind = "", name = "", argument = ""] = (request.url ?? "").split("/");
    const open = kind === "tunnel" ? own(this.#methods.tunnels, name) : undefined;
    if (open === undefined) throw new Error(`there is no tunnel ${name}`);
    const inner = await open(decodeURIComponent(argument));
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: yurt\r\n\r\n");
    join(socket, inner);
  }
}

/** Bytes of each end go to the other, until one of them is closed. */
export function join(a: Duplex, b: Duplex): void {
  const ended = () => {
    a.destroy();
    b.destroy();
  };
  pipeline(a, b).then(ended, ended);
  pipeline(b, a).then(ended, ended);
}

function own<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

async function argumentsOf(request: IncomingMessage): Promise<never[]> {
  if (Number(request.headers["content-length"] ?? 0) > BODY_LIMIT) throw new Error("the request is too long");
  const body = await json(request);
  if (!Array.isArray(body)) throw new Error("the arguments are not a list");
  return body as never[];
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      response.off("drain", go);
      response.off("close", go);
      resolve();
    };
    response.on("drain", go);
    response.on("close", go);
  });
}

function refuse(response: ServerResponse, error: unknown): void {
  if (!response.headersSent) response.writeHead(500);
  response.end(error instanceof Error ? error.message : String(error));
}
