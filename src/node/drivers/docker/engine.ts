import { type ClientRequest, type IncomingMessage, request } from "node:http";
import type { Duplex } from "node:stream";

/** The daemon said no. The message is its own. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Nobody answers at the daemon's socket, or the answer broke off. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

export interface EngineRequest {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** In place of `body`: bytes, such as those of an archive. */
  readonly stream?: NodeJS.ReadableStream;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Bytes. Answers are a few kilobytes; only streams are longer. */
const ANSWER_LIMIT = 16 * 1024 * 1024;

/** Docker's Engine API over its Unix socket; Podman serves the same. Paths are without a version. */
export class Engine {
  readonly socketPath: string;

  constructor(socketPath: string) {
    this.socketPath = socketPath;
  }

  /** An answer as JSON; null where there is none. */
  async call<Answer>(path: string, options: EngineRequest = {}): Promise<Answer> {
    const text = await readText(await this.stream(path, options));
    return (text === "" ? null : JSON.parse(text)) as Answer;
  }

  /** The same, and null when the daemon knows no such thing. */
  async find<Answer>(path: string, options: EngineRequest = {}): Promise<Answer | null> {
    try {
      return await this.call<Answer>(path, options);
    } catch (error) {
      if (error instanceof EngineError && error.status === 404) return null;
      throw error;
    }
  }

  /** The answer before its body is read. */
  async stream(path: string, options: EngineRequest = {}): Promise<IncomingMessage> {
    const sent = this.#send(path, options);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      sent.on("response", resolve);
      sent.on("error", (error: NodeJS.ErrnoException) => reject(this.#unreachable(error)));
    });
    response.on("error", () => {});
    const { statusCode = 0 } = response;
    if (statusCode < 400) return response;
    throw new EngineError(statusCode, messageOf(await readText(response)));
  }

  /** A connection that carries bytes both ways from here on, as for a command's input and output. */
  hijack(path: string, body: unknown): Promise<Duplex> {
    const headers = { Upgrade: "tcp", Connection: "Upgrade" };
    const sent = this.#send(path, { method: "POST", body, headers });
    return new Promise((resolve, reject) => {
      sent.on("upgrade", (_, socket, head) => {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
      sent.on("response", (response) => {
        const refused = (text: string) => reject(new EngineError(response.statusCode ?? 0, messageOf(text)));
        readText(response).then(refused, reject);
      });
      sent.on("error", (error: NodeJS.ErrnoException) => reject(this.#unreachable(error)));
    });
  }

  #send(path: string, options: EngineRequest): ClientRequest {
    const { method = "GET", query = {}, body, stream, headers, signal } = options;
    const url = new URL(path, "http://docker");
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const text = body === undefined ? undefined : JSON.stringify(body);
    const sent = request({
      socketPath: this.socketPath,
      agent: false,
      method,
      path: url.pathname + url.search,
      headers: {
        ...(text !== undefined && {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(text),
        }),
        ...(stream !== undefined && { "content-type": "application/x-tar" }),
        ...headers,
      },
      ...(signal !== undefined && { signal }),
    });
    if (stream === undefined) sent.end(text);
    else stream.on("error", (error) => sent.destroy(error)).pipe(sent);
    return sent;
  }

  #unreachable(error: NodeJS.ErrnoException): Error {
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: "there is no such socket: start the daemon",
      ECONNREFUSED: "nobody listens there: start the daemon",
      EACCES: "the agent may not open the socket: run it as root",
      ECONNRESET: "the connection broke off",
    };
    const reason = reasons[error.code ?? ""] ?? error.message;
    return new UnreachableError(`the Docker daemon does not answer at ${this.socketPath}: ${reason}`);
  }
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response) {
      chunks.push(chunk);
      size += (chunk as Buffer).length;
      if (size > ANSWER_LIMIT) throw new EngineError(0, "the daemon's answer is too long");
    }
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw new UnreachableError("the Docker daemon broke off its answer");
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Errors come as `{"message": …}`. */
function messageOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === "string") return message.trim();
  } catch {
    // As it is.
  }
  return text.trim() || "the daemon gave no reason";
}
