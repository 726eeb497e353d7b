import { once } from "node:events";
import { createServer as createHttp1, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttp2 } from "node:http2";
import { createServer, type Server, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { frame, unframe } from "./grpc-frame.ts";

/** A request as it arrived at an application. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly httpVersion: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What an application answers; `delay` in milliseconds before it does, `reset` in place of an answer. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly delay?: number;
  readonly reset?: boolean;
  /** Of gRPC alone; 0 by default. */
  readonly grpcStatus?: number;
  /** Bytes in the place of `body`; of gRPC, an encoded message. */
  readonly message?: Buffer;
}

/**
 * One instance of a service: HTTP/1.1, HTTP/2 without TLS, gRPC and plain TCP at one port, told apart by the
 * first bytes. It answers with its own name unless {@link answer} says otherwise.
 */
export class Application implements AsyncDisposable {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** Everything that arrived since {@link reset}. */
  readonly received: Received[] = [];
  /** Connections opened since {@link reset}. */
  connections = 0;
  answer: (request: Received, count: number) => Answer = () => ({});
  /** What is sent at once for the first message of a gRPC stream that stays open; null to answer whole requests. */
  stream: (() => Buffer) | null = null;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #http1 = createHttp1(
    { maxHeaderSize: 256 * 1024 },
    (request, response) => void this.#serve(request, response),
  );
  readonly #http2 = createHttp2(
    (request, response) =>
      void this.#serve(request as unknown as IncomingMessage, response as unknown as ServerResponse),
  );

  constructor(name: string, address: string, port: number) {
    this.name = name;
    this.address = address;
    this.port = port;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  async listen(): Promise<void> {
    // What is not a websocket at all, but is upgraded to like one.
    this.#http1.on("upgrade", (_, socket: Socket) => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n");
      this.#echo(socket);
    });
    this.#server.listen(this.port, this.address);
    await once(this.#server, "listening");
  }

  reset(): void {
    this.received.length = 0;
    this.connections = 0;
    this.answer = () => ({});
    this.stream = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.once("readable", () => {
      const first: Buffer = socket.read() ?? Buffer.alloc(0);
      socket.unshift(first);
      const text = first.toString("latin1");
      if (text.startsWith("PRI ")) this.#http2.emit("connection", socket);
      else if (/^[A-Z]+ \S+ HTTP\//.test(text)) this.#http1.emit("connection", socket);
      else this.#echo(socket);
    });
  }

  /** Answers each line with its own name and the line. */
  #echo(socket: Socket): void {
    socket.on("data", (bytes) => socket.write(`${this.name} ${bytes}`));
    socket.on("end", () => socket.end());
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isGrpc = request.headers["content-type"]?.startsWith("application/grpc") ?? false;
    if (isGrpc && this.stream !== null) return streamGrpc(request, response, this.stream());
    const body = await buffer(request).catch(() => Buffer.alloc(0));
    const received: Received = {
      method: request.method ?? "",
      path: request.url ?? "",
      httpVersion: request.httpVersion,
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, `${value}`])),
      body: (isGrpc ? unframe(body) : body).toString(),
    };
    this.received.push(received);
    const answer = this.answer(received, this.received.length);
    const send = () => {
      if (answer.reset) request.socket.destroy();
      else if (isGrpc) sendGrpc(response, this.name, answer);
      else sendHttp(response, this.name, answer);
    };
    if (answer.delay === undefined) send();
    else setTimeout(send, answer.delay);
  }
}

function sendHttp(response: ServerResponse, name: string, answer: Answer): void {
  if (response.destroyed) return;
  response.writeHead(answer.status ?? 200, { "x-instance": name, ...answer.headers });
  response.end(answer.message ?? answer.body ?? name);
}

function sendGrpc(
  response: ServerResponse,
  name: string,
  { grpcStatus = 0, body = name, message, headers }: Answer,
): void {
  const status = { "grpc-status": `${grpcStatus}` };
  response.writeHead(200, {
    "content-type": "application/grpc",
    "x-instance": name,
    ...headers,
    ...(grpcStatus !== 0 && status),
  });
  if (grpcStatus === 0) {
    response.write(frame(message ?? body));
    response.addTrailers(status);
  }
  response.end();
}

/** Answers the first message of a stream, and ends when the other side does. */
function streamGrpc(request: IncomingMessage, response: ServerResponse, message: Buffer): void {
  response.writeHead(200, { "content-type": "application/grpc" });
  request.once("data", () => response.write(message));
  request.on("end", () => {
    response.addTrailers({ "grpc-status": "0" });
    response.end();
  });
  request.on("error", () => {});
}
