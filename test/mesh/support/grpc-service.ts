import { once } from "node:events";
import {
  Client,
  credentials,
  type handleBidiStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import type { Place } from "./client.ts";

/** A service as grpc-js makes it of its methods; messages are texts. */

const text = {
  requestSerialize: (message: string) => Buffer.from(message),
  requestDeserialize: (bytes: Buffer) => bytes.toString(),
  responseSerialize: (message: string) => Buffer.from(message),
  responseDeserialize: (bytes: Buffer) => bytes.toString(),
};

const definition = {
  greet: { path: "/test.Greeter/Greet", requestStream: false, responseStream: false, ...text },
  chat: { path: "/test.Greeter/Chat", requestStream: true, responseStream: true, ...text },
} satisfies ServiceDefinition;

const greet: handleUnaryCall<string, string> = (call, answer) => {
  const trailers = new Metadata();
  trailers.set("x-trailer", String(call.metadata.get("x-caller")[0] ?? "nobody"));
  if (call.request === "nobody") answer({ code: status.INVALID_ARGUMENT, details: "whom?" });
  else answer(null, `hello ${call.request}`, trailers);
};

const chat: handleBidiStreamingCall<string, string> = (call) => {
  call.on("data", (message: string) => call.write(`${message}!`));
  call.on("end", () => call.end());
};

export async function startGrpc({ address, port }: Place): Promise<AsyncDisposable> {
  const server = new Server();
  server.addService(definition, { greet, chat });
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(`${address}:${port}`, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    ),
  );
  return {
    [Symbol.asyncDispose]: async () => server.forceShutdown(),
  };
}

export interface Greeting {
  readonly message: string;
  readonly code: number;
  readonly details: string;
  readonly trailer: string;
}

export class GreeterClient implements Disposable {
  readonly #client: Client;

  constructor({ address, port }: Place) {
    this.#client = new Client(`${address}:${port}`, credentials.createInsecure());
  }

  /** One unary call, with an answer within 10 s. */
  greet(name: string): Promise<Greeting> {
    const { path, requestSerialize, responseDeserialize } = definition.greet;
    const metadata = new Metadata();
    metadata.set("x-caller", "web");
    const options = { deadline: Date.now() + 10_000 };
    return new Promise((resolve) => {
      let message = "";
      const call = this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        name,
        metadata,
        options,
        (_: ServiceError | null, answer?: string) => {
          message = answer ?? "";
        },
      );
      call.on("status", ({ code, details, metadata: trailers }) =>
        setImmediate(() =>
          resolve({ message, code, details, trailer: `${trailers.get("x-trailer")[0] ?? ""}` }),
        ),
      );
    });
  }

  /** Each message is sent when the one before it has been answered. */
  async chat(messages: readonly string[]): Promise<string[]> {
    const { path, requestSerialize, responseDeserialize } = definition.chat;
    const call = this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, {
      deadline: Date.now() + 20_000,
    });
    const answers: string[] = [];
    for (const message of messages) {
      call.write(message);
      const [answer] = await once(call, "data");
      answers.push(`${answer}`);
    }
    const ended = once(call, "end");
    call.end();
    await ended;
    return answers;
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}
