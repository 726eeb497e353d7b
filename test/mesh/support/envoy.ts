import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { findEnvoy } from "../../../src/model/envoy-binary.ts";
import { until } from "../../support/wait.ts";
import { call, type Place, type SocketPlace } from "./client.ts";

/** The Envoy that tests run. */
function envoyBinary(): string {
  const path = findEnvoy(undefined);
  if (path === null) throw new Error("there is no Envoy: run make setup");
  return path;
}

/** A running Envoy and what a test asks it. */
export class Envoy implements AsyncDisposable {
  readonly admin: Place | SocketPlace;
  readonly #child: ChildProcess;
  readonly #log: string;

  private constructor(child: ChildProcess, admin: Place | SocketPlace, log: string) {
    this.#child = child;
    this.admin = admin;
    this.#log = log;
  }

  /** `command`: one that runs it elsewhere, such as in a namespace. */
  static start(
    name: string,
    folder: string,
    configuration: unknown,
    admin: Place | SocketPlace,
    { command = [], threads = 1 }: { command?: readonly string[]; threads?: number } = {},
  ): Envoy {
    const config = join(folder, `${name}.json`);
    writeFileSync(config, JSON.stringify(configuration));
    const log = join(folder, `${name}.log`);
    const output = openSync(log, "w");
    const words = ["-c", config, "-l", "warning", "--concurrency", String(threads), "--disable-hot-restart"];
    const [program = "", ...all] = [...command, envoyBinary(), ...words, "--drain-time-s", "0"];
    const child = spawn(program, all, {
      stdio: ["ignore", output, output],
    });
    closeSync(output);
    return new Envoy(child, admin, log);
  }

  async ready(): Promise<void> {
    await until(`Envoy is ready; its log: ${this.#log}`, async () => {
      if (this.#child.exitCode !== null) throw new Error(`Envoy ended: ${this.output()}`);
      return (await call(this.admin, "/ready")).status === 200;
    });
  }

  /** What it wrote to its standard output and error. */
  output(): string {
    return readFileSync(this.#log, "utf8");
  }

  /** Counters and gauges whose names match. */
  async stats(filter: string): Promise<Record<string, number>> {
    const { body } = await call(this.admin, `/stats?filter=${encodeURIComponent(filter)}`);
    const lines = body.split("\n").filter((line) => line.includes(": "));
    return Object.fromEntries(
      lines.map((line) => split(line, ": ")).map(([name, value]) => [name, Number(value)]),
    );
  }

  async resetCounters(): Promise<void> {
    await call(this.admin, "/reset_counters", { method: "POST" });
  }

  /** Whether every listener and cluster that it was given is in use, and nothing else any more. */
  async isSettled(): Promise<boolean> {
    const stats = await this.stats("(warming|draining)");
    return Object.values(stats).every((count) => count === 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}

function split(line: string, by: string): [string, string] {
  const at = line.indexOf(by);
  return [line.slice(0, at), line.slice(at + by.length)];
}
/** Has Envoy check a configuration without running it; gives what it says against it, or null. */
export async function complaintOfEnvoy(path: string): Promise<string | null> {
  const child = spawn(envoyBinary(), ["--mode", "validate", "-c", path, "-l", "error"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [output, error] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return child.exitCode === 0 ? null : `${output}${error}`;
}
