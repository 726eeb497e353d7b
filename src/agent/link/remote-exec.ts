import { once } from "node:events";
import { type Duplex, duplexPair, PassThrough, Writable } from "node:stream";
import type { ExecOptions, ExecSession, NodeAccess } from "#api/context.ts";
import type { AllocationId } from "#model/id.ts";
import { RefusedError } from "#server/refused-error.ts";
import type { RpcClient } from "./rpc-client.ts";

/** A command in a task of another machine: lines of JSON over a tunnel, bytes in them as base64. */
type ToNode =
  | {
      readonly kind: "start";
      readonly allocation: AllocationId;
      readonly task: string;
      readonly options: ExecOptions;
    }
  | { readonly kind: "stdin"; readonly data: string }
  | { readonly kind: "end of stdin" }
  | { readonly kind: "resize"; readonly columns: number; readonly rows: number };

type FromNode =
  | { readonly kind: "started" }
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "stdout" | "stderr"; readonly data: string }
  | { readonly kind: "exited"; readonly code: number };

/** The server's end: a session as if it were here. */
export async function remoteExec(
  rpc: RpcClient,
  allocation: AllocationId,
  task: string,
  options: ExecOptions,
): Promise<ExecSession> {
  const tunnel = await rpc.tunnel("exec", "session");
  tunnel.on("error", () => {});
  const say = (message: ToNode, done?: () => void) => tunnel.write(line(message), done);
  const messages = messagesOf<FromNode>(tunnel);
  say({ kind: "start", allocation, task, options });
  const { value: first } = await messages.next();
  if (first?.kind !== "started") {
    tunnel.destroy();
    throw new RefusedError(first?.kind === "refused" ? first.message : "the node broke the connection off");
  }
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const stdin = new Writable({
    write: (chunk: Buffer, _, done) => void say({ kind: "stdin", data: chunk.toString("base64") }, done),
    final: (done) => void say({ kind: "end of stdin" }, done),
  });
  return {
    ...{ stdin, stdout, stderr },
    resize: async (columns, rows) => void say({ kind: "resize", columns, rows }),
    exitCode: receive(messages, { stdout, stderr }).finally(() => tunnel.destroy()),
    kill: () => {
      tunnel.destroy();
      for (const output of [stdout, stderr]) output.destroy();
    },
  };
}

async function receive(
  messages: AsyncIterable<FromNode>,
  outputs: Readonly<Record<"stdout" | "stderr", PassThrough>>,
): Promise<number> {
  try {
    for await (const message of messages) {
      if (message.kind === "exited") return message.code;
      if (message.kind !== "stdout" && message.kind !== "stderr") continue;
      const output = outputs[message.kind];
      if (!output.write(Buffer.from(message.data, "base64")) && !output.destroyed)
        await Promise.race([once(output, "drain"), once(output, "close")]);
    }
  } finally {
    for (const output of Object.values(outputs)) output.end();
  }
  throw new Error("the node broke the connection off before the command had ended");
}

/** The node's end. A command whose caller goes is ended. */
export function execTunnel(access: Pick<NodeAccess, "exec">): Duplex {
  const [outer, inner] = duplexPair();
  inner.on("error", () => {});
  serve(inner, access).catch(() => inner.destroy());
  return outer;
}

async function serve(tunnel: Duplex, access: Pick<NodeAccess, "exec">): Promise<void> {
  const say = (message: FromNode) => tunnel.write(line(message));
  const messages = messagesOf<ToNode>(tunnel);
  const session = await begin(messages, access).catch((error: unknown) => {
    say({ kind: "refused", message: error instanceof Error ? error.message : String(error) });
    tunnel.end();
  });
  if (!session) return;
  say({ kind: "started" });
  let isOver = false;
  const send = async (kind: "stdout" | "stderr") => {
    for await (const bytes of session[kind]) {
      const isTaken = say({ kind, data: Buffer.from(bytes).toString("base64") });
      if (!isTaken && !tunnel.destroyed) await Promise.race([once(tunnel, "drain"), once(tunnel, "close")]);
    }
  };
  const sending = Promise.all([send("stdout"), send("stderr")]).then(async () => {
    const code = await session.exitCode;
    isOver = true;
    say({ kind: "exited", code });
    tunnel.end();
  });
  for await (const message of messages) take(session, message);
  if (!isOver) session.kill();
  await sending;
}

async function begin(
  messages: AsyncIterator<ToNode>,
  access: Pick<NodeAccess, "exec">,
): Promise<ExecSession> {
  const { value: first } = await messages.next();
  if (first?.kind !== "start") throw new Error("a session begins with what is to be run");
  return access.exec(first.allocation, first.task, first.options);
}

function take({ stdin, resize }: ExecSession, message: ToNode): void {
  if (message.kind === "stdin") stdin.write(Buffer.from(message.data, "base64"));
  else if (message.kind === "end of stdin") stdin.end();
  // A terminal that is gone needs no size.
  else if (message.kind === "resize") resize(message.columns, message.rows).catch(() => {});
}

function line(message: ToNode | FromNode): string {
  return `${JSON.stringify(message)}\n`;
}

/** Ends when the other side does, or is gone. */
async function* messagesOf<Message>(tunnel: Duplex): AsyncGenerator<Message, undefined> {
  let rest = "";
  tunnel.setEncoding("utf8");
  try {
    for await (const chunk of tunnel) {
      const lines = `${rest}${chunk}`.split("\n");
      rest = lines.pop() ?? "";
      for (const text of lines) yield JSON.parse(text) as Message;
    }
  } catch (error) {
    if (!tunnel.destroyed) throw error;
  }
}
