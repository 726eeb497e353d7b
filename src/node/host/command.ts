import { execFile } from "node:child_process";

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
const OUTPUT_LIMIT = 64 * 1024 * 1024;

/** Programs that are not part of every system, with the Debian package that brings them. */
const PACKAGES: Readonly<Record<string, string>> = {
  ip: "iproute2",
  nft: "nftables",
  runc: "runc",
  nsenter: "util-linux",
  mount: "mount",
  git: "git",
};

/** Runs a program of the host to its end and gives what it wrote to standard output. */
export function command(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      {
        timeout: options.timeout ?? TIMEOUT,
        maxBuffer: OUTPUT_LIMIT,
        killSignal: "SIGKILL",
        ...(options.environment && { env: { ...process.env, ...options.environment } }),
      },
      (error, stdout, stderr) =>
        error === null ? resolve(stdout) : reject(new CommandError(explain(program, args, error, stderr))),
    );
    // A program that ends before it has read everything says why by its exit.
    child.stdin?.on("error", () => {});
    child.stdin?.end(options.input ?? "");
  });
}

function explain(
  program: string,
  args: readonly string[],
  error: { code?: string | number | null; signal?: string | null; killed?: boolean },
  stderr: string,
): string {
  if (error.code === "ENOENT") {
    const from = PACKAGES[program];
    return `the program ${program} is not installed${from === undefined ? "" : `: install the package ${from}`}`;
  }
  const line = [program, ...args].join(" ");
  const said = stderr.trim().split("\n").slice(0, 3).join("; ");
  if (error.killed) return `"${line}" did not end in time and was killed`;
  const how = error.signal ? `was ended by ${error.signal}` : `failed with exit code ${error.code}`;
  return `"${line}" ${how}${said === "" ? "" : `: ${said}`}`;
}
