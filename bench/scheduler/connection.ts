import { once } from "node:events";
import { connect, type Socket } from "node:net";

/**
 * A kept connection that sends one request after the other. It does no more than it must: a client that costs as much
 * as the agent, with which it shares two processors, would measure itself.
 */
export class Connection implements Disposable {
  readonly #socket: Socket;
  readonly #host: string;
  #received = "";
  #done: (answer: Answer | Error) => void = () => {};

  private constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#host = host;
    socket.setEncoding("latin1").on("data", (part: string) => {
      this.#received += part;
      const answer = answerIn(this.#received);
      if (answer !== null) this.#done(answer);
    });
    socket.on("close", () => this.#done(new Error(`${host} closed the connection`)));
    socket.on("error", (error) => this.#done(error));
  }

  static async to(url: string): Promise<Connection> {
    const { hostname, port, host } = new URL(url);
    const socket = connect(Number(port), hostname).setNoDelay();
    await once(socket, "connect");
    return new Connection(socket, host);
  }

  /** Sends JSON. Throws the answer when it is refused. */
  async put(path: string, body: string): Promise<void> {
    const head = `PUT ${path} HTTP/1.1\r\nHost: ${this.#host}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
    this.#received = "";
    this.#socket.write(head + body);
    const answer = await new Promise<Answer | Error>((resolve) => {
      this.#done = resolve;
    });
    if (answer instanceof Error) throw answer;
    if (answer.status !== 200) throw new Error(answer.body);
  }

  [Symbol.dispose](): void {
    this.#done = () => {};
    this.#socket.destroy();
  }
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Null while some of it is missing. */
function answerIn(text: string): Answer | null {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return null;
  const [head, body] = [text.slice(0, end), text.slice(end + 4)];
  const length = /^content-length: *(\d+)$/im.exec(head)?.[1];
  const isWhole = length === undefined ? body.endsWith("0\r\n\r\n") : body.length >= Number(length);
  return isWhole ? { status: Number(head.split(" ", 2)[1]), body } : null;
}
