import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** What one load found: milliseconds; `requests` counts those that were made, for the cost of each. */
export interface Finding {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly requests: number;
  readonly failures: number;
}

export interface Load {
  readonly name: string;
  readonly unit: "requests/s" | "MB/s";
  /** Which service it speaks to. */
  readonly service: "http" | "grpc";
  /** The program and its arguments, run in the client's namespace, for an address `host:port`. */
  readonly command: (address: string, files: string) => readonly string[];
  readonly read: (output: string) => Finding;
}

const SECONDS = Number(process.env["SECONDS"] ?? 2);

export const loads: readonly Load[] = [
  wrk("1 connection", 1),
  wrk("32 connections", 32),
  {
    name: "1,000 requests/s, paced",
    unit: "requests/s",
    service: "http",
    command: (address) => {
      const [host = "", port = ""] = address.split(":");
      return [
        process.execPath,
        join(import.meta.dirname, "paced-client.ts"),
        host,
        port,
        "1000",
        String(SECONDS),
      ];
    },
    read: (output) => JSON.parse(output) as Finding,
  },
  wrk("64 KiB bodies, 8 connections", 8, "64k"),
  wrk("a new connection a request, 8 at a time", 8, "1k", ["-H", "Connection: close"]),
  {
    name: "64 MiB body",
    unit: "MB/s",
    service: "http",
    command: (address) => [
      "curl",
      "-sS",
      "-o",
      "/dev/null",
      "-w",
      "%{http_code} %{speed_download}",
      `http://${address}/64m`,
    ],
    read: (output) => {
      const [status, speed] = output.split(" ");
      return { ...nothing, perSecond: Number(speed) / 1e6, requests: 1, failures: status === "200" ? 0 : 1 };
    },
  },
  {
    name: "gRPC unary, 4 connections of 8",
    unit: "requests/s",
    service: "grpc",
    command: (address, files) => [
      ...["h2load", "-D", String(SECONDS), "-c", "4", "-m", "8", "-d", join(files, "grpc-frame")],
      ...["-H", "content-type: application/grpc", "-H", "te: trailers", `http://${address}/bench.Echo/Unary`],
    ],
    read: readH2load,
  },
];

const nothing: Finding = {
  perSecond: 0,
  p50: Number.NaN,
  p99: Number.NaN,
  p999: Number.NaN,
  requests: 0,
  failures: 0,
};

function wrk(name: string, connections: number, file = "1k", more: readonly string[] = []): Load {
  return {
    name,
    unit: "requests/s",
    service: "http",
    command: (address) => [
      ...["wrk", "-t", "1", "-c", String(connections), "-d", `${SECONDS}s`, "--latency"],
      ...["-s", join(import.meta.dirname, "wrk.lua"), ...more, `http://${address}/${file}`],
    ],
    read: (output) => JSON.parse(output.trim().split("\n").at(-1) ?? "") as Finding,
  };
}

function readH2load(output: string): Finding {
  const [, perSecond] = /finished in [^,]+, ([\d.]+) req\/s/.exec(output) ?? [];
  const [, requests, failed] =
    /requests: \d+ total, \d+ started, (\d+) done, \d+ succeeded, (\d+) failed/.exec(output) ?? [];
  if (perSecond === undefined) throw new Error(`h2load said: ${output}`);
  return { ...nothing, perSecond: Number(perSecond), requests: Number(requests), failures: Number(failed) };
}

/** Runs a load from inside a network namespace. */
export async function run(load: Load, namespace: string, address: string, files: string): Promise<Finding> {
  const words = ["netns", "exec", namespace, ...load.command(address, files)];
  const { stdout } = await promisify(execFile)("ip", words, { maxBuffer: 1 << 20 });
  const finding = load.read(stdout);
  if (finding.failures > 0 || finding.requests === 0) {
    throw new Error(`${load.name} at ${address}: ${finding.failures} of ${finding.requests} requests failed`);
  }
  return finding;
}
