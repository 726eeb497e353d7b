import { CommandError, type ExitCode } from "./command.ts";

/** What a command that runs in a task has of this process. */
interface Session {
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly signal: AbortSignal;
}

export interface ExecRequest extends Session {
  readonly allocation: string;
  readonly task: string;
  readonly command: readonly string[];
}

interface Outgoing {
  readonly stdout?: { readonly data?: string };
  readonly stderr?: { readonly data?: string };
  readonly exited?: boolean;
  readonly result?: { readonly exit_code: number };
  readonly error?: { readonly message: string };
}

/** Runs a command in a task over the agent's WebSocket, with this process's standard streams. */
export function execInTask(address: URL, request: ExecRequest): Promise<ExitCode> {
  const url = new URL(`/v1/client/allocation/${request.allocation}/exec`, address);
  url.searchParams.set("task", request.task);
  url.searchParams.set("command", JSON.stringify(request.command));
  return open(url, request);
}

export interface ActionRequest extends Session {
  readonly job: string;
  readonly query: Readonly<Record<string, string>>;
}

/** The same for a command that its job has given a name. */
export function runAction(address: URL, request: ActionRequest): Promise<ExitCode> {
  const url = new URL(`/v1/job/${encodeURIComponent(request.job)}/action`, address);
  for (const [name, value] of Object.entries(request.query)) url.searchParams.set(name, value);
  return open(url, request);
}

async function open(url: URL, request: Session): Promise<ExitCode> {
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("tty", String(request.tty));
  const socket = new WebSocket(url);
  const restore = request.tty && process.stdin.isTTY ? rawMode() : () => {};
  try {
    return await converse(socket, request);
  } finally {
    restore();
    process.stdin.pause();
    socket.close();
  }
}

function converse(socket: WebSocket, request: Session): Promise<ExitCode> {
  const send = (message: object) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };
  return new Promise((resolve, reject) => {
    socket.addEventListener("open", () => {
      if (request.tty) followSize(send);
      if (!request.stdin) return send({ stdin: { close: true } });
      process.stdin.on("data", (bytes: Buffer) => send({ stdin: { data: bytes.toString("base64") } }));
      process.stdin.on("end", () => send({ stdin: { close: true } }));
    });
    socket.addEventListener("message", ({ data }) => {
      const message: Outgoing = JSON.parse(String(data));
      if (message.stdout?.data) process.stdout.write(Buffer.from(message.stdout.data, "base64"));
      if (message.stderr?.data) process.stderr.write(Buffer.from(message.stderr.data, "base64"));
      if (message.error) reject(new CommandError(message.error.message));
      if (message.exited) resolve(message.result?.exit_code ?? 1);
    });
    socket.addEventListener("close", () =>
      reject(new CommandError("the connection to the agent was closed")),
    );
    socket.addEventListener("error", () => reject(new CommandError("the agent does not answer")));
    request.signal.addEventListener("abort", () => resolve(130));
  });
}

function followSize(send: (message: object) => void): void {
  const tell = () =>
    send({ tty_size: { height: process.stdout.rows ?? 24, width: process.stdout.columns ?? 80 } });
  process.stdout.on("resize", tell);
  tell();
}

/** Keys go to the command as they are typed, Ctrl-C among them. */
function rawMode(): () => void {
  process.stdin.setRawMode(true);
  return () => process.stdin.setRawMode(false);
}
