import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import type { ProbeResult } from "./check-state.ts";
import type { GrpcProbe } from "./probe-grpc.ts";

/** What a check looks at. */
export type Probe =
  | HttpProbe
  | GrpcProbe
  /** A command inside a task. */
  | { readonly kind: "script"; readonly task: string; readonly command: readonly string[] }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  /** Something listens inside the allocation's network; seen without connecting to it. */
  | { readonly kind: "listening"; readonly port: number; readonly address: string | null }
  /** A check that cannot be run, and why. */
  | { readonly kind: "impossible"; readonly reason: string };

export interface HttpProbe {
  readonly kind: "http";
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
  readonly skipVerify: boolean;
  readonly serverName: string;
}

/** So much of an answer is kept as a check's output. Bytes. */
const EXCERPT = 4096;

export async function probeHttp(probe: HttpProbe, timeout: number): Promise<ProbeResult> {
  const { url, method } = probe;
  try {
    const { status, excerpt } = await answer(probe, timeout);
    const output = `HTTP ${method} ${url}: ${status} Output: ${excerpt}`;
    return { status: status === 429 ? "warning" : isSuccess(status) ? "passing" : "critical", output };
  } catch (error) {
    return { status: "critical", output: `HTTP ${method} ${url}: ${reasonOf(error, timeout)}` };
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function answer(probe: HttpProbe, timeout: number): Promise<{ status: number; excerpt: string }> {
  const { url, method, headers, body, skipVerify, serverName } = probe;
  const request = url.startsWith("https:") ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method,
      headers: Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, [...values]])),
      agent: false,
      rejectUnauthorized: !skipVerify,
      ...(serverName !== "" && { servername: serverName }),
      signal: AbortSignal.timeout(timeout),
    });
    sent.on("error", reject);
    sent.on("response", (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const done = () => {
        const excerpt = Buffer.concat(chunks).toString("utf8").slice(0, EXCERPT);
        resolve({ status: response.statusCode ?? 0, excerpt });
        sent.destroy();
      };
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size >= EXCERPT) done();
      });
      response.on("end", done);
      response.on("error", reject);
    });
    sent.end(body);
  });
}

export function probeTcp(host: string, port: number, timeout: number): Promise<ProbeResult> {
  const to = `TCP connect ${host}:${port}`;
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (status: "passing" | "critical", said: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ status, output: `${to}: ${said}` });
    };
    const timer = setTimeout(() => end("critical", noAnswer(timeout)), timeout);
    socket.once("connect", () => end("passing", "Success"));
    socket.once("error", (error) => end("critical", reasonOf(error, timeout)));
  });
}

function reasonOf(error: unknown, timeout: number): string {
  if (!(error instanceof Error)) return String(error);
  const isLate = error.name === "TimeoutError" || (error.cause as Error | undefined)?.name === "TimeoutError";
  return isLate ? noAnswer(timeout) : error.message;
}

function noAnswer(timeout: number): string {
  return `no answer within ${timeout} ms`;
}
