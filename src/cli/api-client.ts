import type { IncomingMessage } from "node:http";
import { CommandError } from "./command.ts";

export interface RequestOptions {
  readonly method?: "GET" | "PUT" | "POST" | "DELETE";
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of `body`: bytes that are no JSON. */
  readonly bytes?: Uint8Array;
  readonly signal?: AbortSignal;
}

export interface Answer<Result> {
  readonly value: Result;
  /** What to pass as `index` to wait for the next change. */
  readonly index: number;
}

/** What the agent said no with. */
export class ApiError extends CommandError {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Speaks to an agent's HTTP API; every command does so and nothing else. */
export class ApiClient {
  readonly #address: URL;
  readonly #hint: string;
  readonly #query: NonNullable<RequestOptions["query"]>;

  /** `hint`: how the user names another address. `query`: what goes with every request. */
  constructor(address: string, hint: string, query: NonNullable<RequestOptions["query"]> = {}) {
    const url = URL.parse(address.includes("://") ? address : `http://${address}`);
    if (url === null)
      throw new CommandError(`"${address}" is no address; expected one such as http://127.0.0.1:4646`);
    this.#address = url;
    this.#hint = hint;
    this.#query = query;
  }

  get address(): URL {
    return this.#address;
  }

  async get<Result>(path: string, options: RequestOptions = {}): Promise<Result> {
    return (await this.query<Result>(path, options)).value;
  }

  async query<Result>(path: string, options: RequestOptions = {}): Promise<Answer<Result>> {
    const response = await this.stream(path, options);
    const text = await textOf(response);
    const index = Number(response.headers["x-nomad-index"] ?? response.headers["x-consul-index"] ?? 0);
    return { value: (text === "" ? null : JSON.parse(text)) as Result, index };
  }

  /** The response before its body is read; an answer that is no success is thrown. */
  async stream(
    path: string,
    { method = "GET", query = {}, body, bytes, headers = {}, signal }: RequestOptions = {},
  ): Promise<IncomingMessage> {
    const url = new URL(path, this.#address);
    for (const [name, value] of Object.entries({ ...this.#query, ...query })) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const content = bytes ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      // An import of node:http would load all of it, WebSocket and fetch too: 15 ms for every command.
      const { request: send } = process.getBuiltinModule(
        url.protocol === "https:" ? "node:https" : "node:http",
      );
      const request = send(url, {
        method,
        headers:
          content === undefined
            ? headers
            : {
                ...headers,
                "content-type": "application/json",
                "content-length": Buffer.byteLength(content),
              },
        ...(signal ? { signal } : {}),
      });
      request.on("response", resolve);
      request.on("error", (error: NodeJS.ErrnoException) => reject(this.#unreachable(error)));
      request.end(content);
    });
    const { statusCode = 0 } = response;
    if (statusCode >= 200 && statusCode < 300) return response;
    throw new ApiError(statusCode, await textOf(response));
  }

  #unreachable(error: NodeJS.ErrnoException): Error {
    if (error.name === "AbortError") return error;
    const reason: Readonly<Record<string, string>> = {
      ECONNREFUSED: "nothing listens there",
      ENOTFOUND: "there is no such host",
      ECONNRESET: "the connection was closed",
      ETIMEDOUT: "it did not answer in time",
    };
    const where = `${this.#address.protocol}//${this.#address.host}`;
    return new CommandError(
      `no agent answers at ${where}: ${reason[error.code ?? ""] ?? error.message}. Start one with: yurt agent -dev. ${this.#hint}`,
    );
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = "";
  response.setEncoding("utf8");
  for await (const part of response) text += part;
  return text;
}
