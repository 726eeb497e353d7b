import { once } from "node:events";
import type { Socket } from "node:net";
import { type Piped, type ProcessExit, type SpawnOptions, signalName, spawnPiped } from "./spawn.ts";
import { isMissing } from "./state-file.ts";

export interface CommandOptions {
  /** What the program reads on its standard input. */
  readonly input?: string;
  /** Milliseconds after which it is killed. */
  readonly timeout?: number;
  /** Variables beside those of the agent. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A program of the host that could not be run or that failed, with what it said. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

const TIMEOUT = 30_000;
/** Characters. A program that writes more is ended by it. */
const OUTPUT_LIMIT = 64 * 1024 * 1024;

/** Programs that are not part of every system, with the Debian package that brings them. */
const PACKAGES: Readonly<Record<string, string>> = {
  ip: "iproute2",
  nft: "nftables",
  runc: "runc",
  nsenter: "util-linux",
  mount: "mount",
  git: "git",
  xz: "xz-utils",
  bzip2: "bzip2",
  script: "bsdutils",
};

/** Runs a program of the host to its end and gives what it wrote to standard output. */
export async function command(
  program: string,
  args: readonly string[],
  { input = "", timeout = TIMEOUT, environment = {} }: CommandOptions = {},
): Promise<string> {
  const { pid, exited, stdin, stdout, stderr } = startCommand(program, args, {
    environment: { ...process.env, ...environment },
  });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    process.kill(pid, "SIGKILL");
    for (const stream of [stdout, stderr]) stream.destroy();
  }, timeout);
  // A program that ends before it has read everything says why by its exit.
  stdin.on("error", () => {}).end(input);
  const texts = Promise.all([stdout, stderr].map(textOf));
  const exit = await exited;
  clearTimeout(timer);
  const [out = "", said = ""] = await texts;
  if (!isLate && exit.kind === "exited" && exit.code === 0) return out;
  const how = isLate ? "did not end in time and was killed" : inWords(exit);
  const lines = said.trim().split("\n").slice(0, 3).join("; ");
  throw new CommandError(`"${[program, ...args].join(" ")}" ${how}${lines === "" ? "" : `: ${lines}`}`);
}

/** Starts a program of the host with pipes for what it reads and writes. Throws a {@link CommandError}. */
export function startCommand(
  program: string,
  args: readonly string[],
  options: Omit<SpawnOptions, "files">,
): Piped {
  try {
    return spawnPiped(program, args, options);
  } catch (error) {
    if (!isMissing(error)) throw new CommandError((error as Error).message);
    const from = PACKAGES[program];
    const advice = from === undefined ? "" : `: install the package ${from}`;
    throw new CommandError(`the program ${program} is not installed${advice}`);
  }
}

async function textOf(stream: Socket): Promise<string> {
  let text = "";
  stream.setEncoding("utf8").on("error", () => {});
  stream.on("data", (chunk: string) => {
    text += chunk;
    if (text.length > OUTPUT_LIMIT) stream.destroy();
  });
  await once(stream, "close");
  return text;
}

function inWords(exit: ProcessExit): string {
  return exit.kind === "exited"
    ? `failed with exit code ${exit.code}`
    : `was ended by ${signalName(exit.signal)}`;
}
