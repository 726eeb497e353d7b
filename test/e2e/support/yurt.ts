import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const BINARY = fileURLToPath(new URL("../../../bin/yurt", import.meta.url));

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running agent of a test: its own ports, bridge, addresses and folder. */
export interface TestAgent extends AsyncDisposable {
  readonly api: string;
  readonly consulApi: string;
  /** Where Envoys of services that no job runs reach their control plane. */
  readonly grpcAddress: string;
  readonly dataDir: string;
  readonly folder: string;
  readonly bridge: string;
  readonly pid: number;
  /** All that the agent has printed so far. */
  output(): string;
  /** Runs a command against this agent. */
  yurt(...words: readonly string[]): Promise<Outcome>;
  /** The same; fails unless it exits with 0. Gives its standard output. */
  must(...words: readonly string[]): Promise<string>;
  get<Result>(path: string): Promise<Result>;
  kill(signal: NodeJS.Signals): Promise<number | null>;
  /** Starts the agent anew on the same folder. */
  restart(): Promise<void>;
}

export interface StartOptions {
  readonly flags?: readonly string[];
  readonly dev?: boolean;
  /** Where its APIs listen; by default only here. */
  readonly bind?: string;
  /** By default a temporary folder. */
  readonly dataDir?: string;
  /** Where it runs; by default here. Its APIs listen at that machine's address. */
  readonly machine?: { readonly address: string; readonly enter: readonly string[] };
}

let count = 0;

export async function startAgent({
  flags = [],
  dev = false,
  machine,
  bind = machine?.address ?? "127.0.0.1",
  ...options
}: StartOptions = {}): Promise<TestAgent> {
  const folder = mkdtempSync(join(tmpdir(), "yt-"));
  const dataDir = options.dataDir ?? join(folder, "data");
  const [http, consul, grpc] = [await freePort(), await freePort(), await freePort()];
  const number = (process.pid * 16 + count++) % 4096;
  const bridge = `ye${String(number).padStart(4, "0")}`;
  const words = [
    "agent",
    ...(dev ? ["-dev"] : ["-data-dir", dataDir, "-default-intention-policy", "allow"]),
    ...[
      "-bind",
      bind,
      "-http-port",
      String(http),
      "-consul-http-port",
      String(consul),
      "-grpc-port",
      String(grpc),
      "-grpc-tls-port",
      String(grpc),
    ],
    ...["-bridge-network-name", bridge, "-bridge-network-subnet", subnet(number)],
    ...flags,
  ];
  let running = await launch(words, machine?.enter);
  const api = `http://${bind}:${http}`;
  const consulApi = `http://${bind}:${consul}`;
  const grpcAddress = `127.0.0.1:${grpc}`;
  const yurt = (...line: readonly string[]) =>
    run(line, { NOMAD_ADDR: api, CONSUL_HTTP_ADDR: consulApi, CONSUL_GRPC_ADDR: grpcAddress });
  const kill = async (signal: NodeJS.Signals) => {
    if (running.child.exitCode !== null || running.child.signalCode !== null) return running.child.exitCode;
    const exit = once(running.child, "exit");
    running.child.kill(signal);
    return (await exit)[0] as number | null;
  };
  return {
    api,
    consulApi,
    grpcAddress,
    dataDir,
    folder,
    bridge,
    get pid() {
      return running.child.pid ?? 0;
    },
    output: () => running.output(),
    yurt,
    must: async (...line) => {
      const { code, stdout, stderr } = await yurt(...line);
      if (code !== 0)
        throw new Error(
          `yurt ${line.join(" ")} exited with ${code}:\n${stdout}${stderr}\nagent:\n${running.output()}`,
        );
      return stdout;
    },
    get: async (path) => {
      const response = await fetch(
        `${path.startsWith("/v1/connect") || path.startsWith("/v1/config") ? consulApi : api}${path}`,
      );
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as never;
    },
    kill,
    restart: async () => {
      running = await launch(words, machine?.enter);
    },
    [Symbol.asyncDispose]: async () => {
      await kill("SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A /24 of its own in 172.30.0.0/15 for each agent of a test run. */
function subnet(number: number): string {
  return `172.${30 + ((number >> 8) & 1)}.${number & 255}.0/24`;
}

/** `before`: a program that runs it elsewhere, with its arguments; it gives its process on. */
export async function launch(words: readonly string[], before: readonly string[] = []) {
  const [program = BINARY, ...args] = [...before, BINARY, ...words];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  await new Promise<void>((resolve, reject) => {
    const look = () => text.includes("agent is ready") && resolve();
    child.stdout.on("data", look);
    child.on("exit", (code) => reject(new Error(`the agent exited with ${code}:\n${text}`)));
  });
  return { child, output: () => text };
}

export function run(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  input: string | null = null,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, NO_COLOR: "1", ...environment }, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(BINARY, words, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ code, stdout, stderr });
    });
    if (input !== null) child.stdin?.end(input);
  });
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
