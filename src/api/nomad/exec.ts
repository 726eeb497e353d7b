import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { ApiContext, ExecSession } from "../context.ts";
import { type ExecTarget, execTarget } from "./exec-target.ts";

const MESSAGE_LIMIT = 1024 * 1024;

/**
 * `alloc exec` and `action` over a WebSocket, in Nomad's messages: `{"stdin": {"data": base64, "close": bool}}` and
 * `{"tty_size": {"height", "width"}}` come in; `{"stdout": {"data": base64}}`, the same for `stderr`, and
 * `{"exited": true, "result": {"exit_code": n}}` go out.
 */
export function serveExec(http: HttpServer, context: ApiContext): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_LIMIT });
  http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const url = new URL(request.url ?? "/", "http://agent");
    const target = execTarget(url, context.server.state);
    if (target === null || isForeign(request)) {
      socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => {
      run(ws, target, url, context).catch((error: unknown) => {
        send(ws, { error: { message: error instanceof Error ? error.message : String(error) } });
        ws.close(1011);
      });
    });
  });
}

/** A web page may open a WebSocket to anywhere; only pages of the agent itself are let in. */
function isForeign(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  return origin !== undefined && URL.parse(origin)?.host !== host;
}

async function run(ws: WebSocket, target: () => ExecTarget, url: URL, { node }: ApiContext): Promise<void> {
  const { allocation, task, command } = target();
  const tty = url.searchParams.get("tty") === "true";
  const beginning = node.exec(allocation.ID, task, { command, tty });
  const soon = (act: (session: ExecSession) => void) => void beginning.then(act, () => {});
  // What comes before the command has begun is for it as well.
  ws.on("message", (data: Buffer) => soon((session) => receive(session, data)));
  ws.on("close", () => soon((session) => session.kill()));
  const session = await beginning;
  await Promise.all([forward(ws, "stdout", session.stdout), forward(ws, "stderr", session.stderr)]);
  send(ws, { exited: true, result: { exit_code: await session.exitCode } });
  ws.close(1000);
}

interface Incoming {
  readonly stdin?: { readonly data?: string; readonly close?: boolean };
  readonly tty_size?: { readonly height?: number; readonly width?: number };
}

function receive(session: ExecSession, data: Buffer): void {
  let message: Incoming;
  try {
    message = JSON.parse(data.toString("utf8"));
  } catch {
    return;
  }
  if (message.stdin?.data) session.stdin.write(Buffer.from(message.stdin.data, "base64"));
  if (message.stdin?.close) session.stdin.end();
  const { height = 0, width = 0 } = message.tty_size ?? {};
  // A terminal that is gone needs no size.
  if (height > 0 && width > 0) session.resize(width, height).catch(() => {});
}

async function forward(
  ws: WebSocket,
  name: "stdout" | "stderr",
  bytes: AsyncIterable<Uint8Array>,
): Promise<void> {
  for await (const chunk of bytes) send(ws, { [name]: { data: Buffer.from(chunk).toString("base64") } });
  send(ws, { [name]: { close: true } });
}

function send(ws: WebSocket, message: object): void {
  if (ws.readyState === ws.OPEN) ws.send(JSON.stringify(message));
}
