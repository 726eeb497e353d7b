import { type Duplex, PassThrough, Readable, Writable } from "node:stream";
import type { ExecRequest, ExecSession } from "../exec-session.ts";
import type { Engine } from "./engine.ts";
import { frames } from "./frames.ts";

interface ExecDetails {
  readonly ExitCode: number | null;
  readonly Pid: number;
}

/** Runs a command inside a container, beside its own. */
export async function execInContainer(
  engine: Engine,
  container: string,
  { command, tty }: ExecRequest,
): Promise<ExecSession> {
  const { Id } = await engine.call<{ Id: string }>(`/containers/${container}/exec`, {
    method: "POST",
    body: { Cmd: command, Tty: tty, AttachStdin: true, AttachStdout: true, AttachStderr: true },
  });
  const socket = await engine.hijack(`/exec/${Id}/start`, { Detach: false, Tty: tty });
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const details = () => engine.call<ExecDetails>(`/exec/${Id}/json`);
  const copied = tty ? copyAll(socket, stdout) : copyFrames(socket, stdout, stderr);
  const exitCode = copied
    .finally(() => [stdout, stderr].map((output) => output.end()))
    .then(async () => (await details()).ExitCode ?? 1);
  // Whoever does not wait for the code is not to be surprised by its failure.
  exitCode.catch(() => {});
  return {
    stdin: tty ? terminalInput(socket) : socket,
    stdout,
    stderr: tty ? Readable.from([]) : stderr,
    resize: (columns, rows) =>
      engine.call(`/exec/${Id}/resize`, { method: "POST", query: { w: columns, h: rows } }),
    exitCode,
    kill: () => {
      void details().then(({ ExitCode, Pid }) => {
        if (ExitCode === null && Pid > 0) process.kill(Pid, "SIGKILL");
      }, ignore);
      socket.destroy();
    },
  };
}

/** The end of what is typed is a character of its own; were the connection closed, the output would end too. */
function terminalInput(socket: Duplex): Writable {
  return new Writable({
    write: (chunk, _, done) => void socket.write(chunk, () => done()),
    final: (done) => void socket.write("\u0004", () => done()),
  });
}

async function copyAll(from: AsyncIterable<Uint8Array>, to: PassThrough): Promise<void> {
  for await (const chunk of from) await write(to, chunk);
}

async function copyFrames(
  from: AsyncIterable<Uint8Array>,
  out: PassThrough,
  err: PassThrough,
): Promise<void> {
  for await (const { type, data } of frames(from)) await write(type === 2 ? err : out, data);
}

async function write(to: PassThrough, bytes: Uint8Array): Promise<void> {
  if (!to.write(bytes)) await new Promise((resolve) => to.once("drain", resolve));
}

function ignore(): void {}
