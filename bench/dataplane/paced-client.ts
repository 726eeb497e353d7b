/**
 * `paced-client.ts PORT RATE SECONDS`: asks at a fixed rate, whether answers come or not, and measures each from
 * the moment at which it should have been asked, so that a stall counts for every request that it held up
 * (no coordinated omission). Prints one line of JSON: milliseconds, requests a second, failures.
 */
import { connect, type Socket } from "node:net";

const [host = "127.0.0.1", port, rate, seconds] = process.argv.slice(2);
const total = Number(rate) * Number(seconds);
const interval = 1000 / Number(rate);
const REQUEST = Buffer.from("GET /1k HTTP/1.1\r\nHost: bench\r\n\r\n");
/** Of nginx's answer: head and 1 KiB. Each response has the same length, found in the first. */
let responseLength = 0;

const latencies: number[] = [];
let failures = 0;
const idle: Connection[] = [];
const waiting: number[] = [];

class Connection {
  readonly #socket: Socket;
  #due = 0;
  #received = 0;

  constructor() {
    this.#socket = connect({ host, port: Number(port), noDelay: true });
    this.#socket.on("data", (bytes: Buffer) => this.#receive(bytes));
    this.#socket.on("error", () => {
      failures += 1;
    });
  }

  ask(due: number): void {
    this.#due = due;
    this.#received = 0;
    this.#socket.write(REQUEST);
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(bytes: Buffer): void {
    this.#received += bytes.length;
    responseLength ||= lengthOf(bytes);
    if (this.#received < responseLength) return;
    latencies.push(performance.now() - this.#due);
    const next = waiting.shift();
    if (next === undefined) idle.push(this);
    else this.ask(next);
  }
}

function lengthOf(bytes: Buffer): number {
  const head = bytes.indexOf("\r\n\r\n") + 4;
  return head + Number(/content-length: (\d+)/i.exec(bytes.toString("latin1", 0, head))?.[1]);
}

const connections = Array.from({ length: 32 }, () => new Connection());
idle.push(...connections);
const begin = performance.now() + 100;
let asked = 0;
const timer = setInterval(() => {
  for (let due = begin + asked * interval; due <= performance.now() && asked < total; due += interval) {
    asked += 1;
    const connection = idle.pop();
    if (connection === undefined) waiting.push(due);
    else connection.ask(due);
  }
  const isOver = latencies.length >= total || performance.now() > begin + Number(seconds) * 1000 + 5000;
  if (isOver) end();
}, 1);

function end(): void {
  clearInterval(timer);
  for (const connection of connections) connection.close();
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  const elapsed = (performance.now() - begin) / 1000;
  console.log(
    JSON.stringify({
      perSecond: latencies.length / elapsed,
      p50: at(0.5),
      p99: at(0.99),
      p999: at(0.999),
      requests: latencies.length,
      failures: failures + total - latencies.length,
    }),
  );
}
