import { once } from "node:events";
import { request } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { frame, unframe } from "./grpc-frame.ts";

export interface Place {
  readonly address: string;
  readonly port: number;
}

/** A socket in the file system. */
export interface SocketPlace {
  readonly path: string;
}

export interface CallOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
}

/** What a client saw: an answer, or the code of the error that it got in place of one. */
export interface Seen {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Milliseconds until the answer was there. */
  readonly duration: number;
  readonly error: string;
}

/** One HTTP/1.1 request on a connection of its own. */
export function call(place: Place | SocketPlace, path = "/", options: CallOptions = {}): Promise<Seen> {
  const begun = performance.now();
  const { method = "GET", headers = {}, body = "" } = options;
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) =>
      resolve({
        ...{ status: 0, headers: {}, body: "", error: error.code ?? error.message },
        duration: performance.now() - begun,
      });
    const outgoing = request(
      {
        ...("path" in place ? { socketPath: place.path } : { host: place.address, port: place.port }),
        ...{ method, path, headers, agent: false, timeout: 15_000 },
      },
      (response) => {
        text(response).then(
          (answer) =>
            resolve({
              status: response.statusCode ?? 0,
              headers: plain(response.headers),
              body: answer,
              error: "",
              duration: performance.now() - begun,
            }),
          failed,
        );
      },
    );
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer in 15 s")));
    outgoing.on("error", failed);
    outgoing.end(body);
  });
}

/** One request over HTTP/2 without TLS. */
export async function callHttp2(place: Place, path = "/", options: CallOptions = {}): Promise<Seen> {
  const { headers, bytes, error, duration } = await exchange(
    place,
    path,
    options,
    Buffer.from(options.body ?? ""),
  );
  return { status: Number(headers[":status"] ?? 0), headers, body: bytes.toString(), error, duration };
}

/** What a gRPC client saw; `grpcStatus` is null where the answer told none. */
export interface GrpcSeen extends Seen {
  readonly grpcStatus: number | null;
}

/** One unary call. */
export async function callGrpc(
  place: Place,
  path: string,
  message: string,
  options: CallOptions = {},
): Promise<GrpcSeen> {
  const headers = { ...options.headers, "content-type": "application/grpc", te: "trailers" };
  const seen = await exchange(place, path, { ...options, method: "POST", headers }, frame(message));
  const status = seen.trailers["grpc-status"] ?? seen.headers["grpc-status"];
  return {
    status: Number(seen.headers[":status"] ?? 0),
    grpcStatus: status === undefined ? null : Number(status),
    headers: seen.headers,
    body: unframe(seen.bytes).toString(),
    error: seen.error,
    duration: seen.duration,
  };
}

/** Sends a line over TCP and gives what came back before the other side closed or answered. */
export async function callTcp(place: Place, line = "hello"): Promise<Seen> {
  const begun = performance.now();
  const socket = connect(place.port, place.address);
  let body = "";
  let error = "";
  socket.setTimeout(10_000, () => socket.destroy(new Error("no answer in 10 s")));
  socket.on("error", (problem: NodeJS.ErrnoException) => {
    error = problem.code ?? problem.message;
  });
  socket.on("connect", () => socket.write(line));
  socket.on("data", (bytes) => {
    body += bytes;
    socket.end();
  });
  await once(socket, "close").catch(() => {});
  if (body === "" && error === "") error = "closed";
  return { status: 0, headers: {}, body, error, duration: performance.now() - begun };
}

/** Upgrades a connection as a websocket's is, sends a line and gives what comes back. */
export async function upgrade({ address, port }: Place): Promise<string> {
  const headers = { connection: "upgrade", upgrade: "websocket" };
  const outgoing = request({ host: address, port, headers, agent: false, timeout: 5000 });
  outgoing.on("timeout", () => outgoing.destroy(new Error("no answer in 5 s")));
  outgoing.end();
  const [, socket] = await Promise.race([
    once(outgoing, "upgrade"),
    once(outgoing, "response").then(([response]) => {
      throw new Error(`not upgraded, but answered with ${response.statusCode}`);
    }),
  ]);
  socket.write("hello");
  const [bytes] = await once(socket, "data");
  socket.destroy();
  return `${bytes}`;
}

/** A connection that has been answered once, and stays open. */
export function holdTcp(place: Place) {
  const socket = connect(place.port, place.address);
  socket.on("error", () => {});
  const closed = once(socket, "close");
  const refused = closed.then(() => {
    throw new Error("the connection was closed without an answer");
  });
  refused.catch(() => {});
  socket.on("connect", () => socket.write("hello"));
  return {
    opened: Promise.race([once(socket, "data"), refused]),
    /** Sends a line and gives what comes back. */
    ask: async (line: string) => {
      socket.write(line);
      const [bytes] = await Promise.race([once(socket, "data"), refused]);
      return `${bytes}`;
    },
    close: async () => {
      socket.destroy();
      await closed;
    },
  };
}

async function exchange(
  place: Place,
  path: string,
  { method = "GET", headers = {} }: CallOptions,
  body: Buffer,
) {
  const begun = performance.now();
  const session = connectHttp2(`http://${place.address}:${place.port}`);
  let error = "";
  let trailers: Record<string, string> = {};
  const failed = (problem: NodeJS.ErrnoException) => {
    error ||= problem.code ?? problem.message;
  };
  session.on("error", failed);
  const stream = session.request({ ":method": method, ":path": path, ...headers }, { endStream: false });
  stream.on("error", failed);
  stream.on("trailers", (all) => {
    trailers = plain(all);
  });
  const answer: Promise<Record<string, string>> = once(stream, "response").then(
    ([all]) => plain(all),
    () => ({}),
  );
  stream.end(body);
  const bytes = await buffer(stream).catch(() => Buffer.alloc(0));
  const outcome = { headers: await answer, trailers, bytes, error, duration: performance.now() - begun };
  session.destroy();
  return outcome;
}

function plain(headers: object): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `${value}`]));
}
