/**
 * `make bench-xds`: a control plane and N simulated proxies in another process, on a mesh of N/10 services with 5
 * upstreams each. Time from a change to the last acknowledgement of the proxies that it touches, what the server takes
 * for it, and the storm when all connect at once; beside a bare gRPC server with as many streams, and Kuma's figures.
 * SIZES=100,1000 and RUNS=20 in the environment set how many proxies there are, and how often each change is made.
 */
import { setTimeout as pause } from "node:timers/promises";
import { table } from "../../src/cli/table.ts";
import { startAgent } from "../../test/e2e/support/yurt.ts";
import { cpuOf, memoryOf } from "../support/process.ts";
import { writeResults } from "../support/results.ts";
import { percentile } from "../support/statistics.ts";
import { floor } from "./floor-run.ts";
import { type Instance, meshPlan, type Target } from "./mesh-plan.ts";
import { SimulatedProxies } from "./simulated-proxies.ts";

const SIZES = (process.env["SIZES"] ?? "100,1000,5000").split(",").map(Number);
const RUNS = Number(process.env["RUNS"] ?? 40);
const REST = 10_000;

/** Times in milliseconds, `cpu` the server's for one of them. */
interface Change {
  readonly touches: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpu: number;
  readonly bytes: number;
}

interface Result {
  readonly proxies: number;
  readonly registration: { readonly seconds: number; readonly cpuSeconds: number };
  readonly storm: { readonly seconds: number; readonly cpuSeconds: number };
  /** kB of server memory a proxy: its registration too, and its stream alone. */
  readonly memory: { readonly whole: number; readonly stream: number };
  /** Per cent of a core. */
  readonly rest: number;
  readonly changes: Readonly<Record<string, Change>>;
  readonly floor: Awaited<ReturnType<typeof floor>>;
}

/** Kuma 3.0 in universal mode on such a machine, November 2026: N/10 services, about 3 upstreams each. */
const KUMA: Readonly<Record<number, Peer>> = {
  100: { cpuSeconds: 21, memory: 1550, rest: 8, some: 1400, all: 1400 },
  500: { cpuSeconds: 114, memory: 796, rest: 39, some: 1600, all: 2300 },
  1000: { cpuSeconds: 174, memory: 712, rest: 57, some: 3300, all: 4500 },
};

/** CPU seconds to take the proxies in, kB a proxy, per cent of a core, milliseconds at p99. */
interface Peer {
  readonly cpuSeconds: number;
  readonly memory: number;
  readonly rest: number;
  readonly some: number;
  readonly all: number;
}

const results: Result[] = [];
for (const size of SIZES) results.push(await measure(size));
report();

async function measure(size: number): Promise<Result> {
  await using agent = await startAgent({ dev: true, flags: ["-log-level", "warn"] });
  using proxies = new SimulatedProxies();
  const plan = meshPlan(size);
  const put = async (path: string, body?: object) => {
    const response = await fetch(`${agent.consulApi}${path}`, {
      method: "PUT",
      body: JSON.stringify(body ?? {}),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  };
  const cpu = () => cpuOf(agent.pid);
  const empty = memoryOf(agent.pid);

  await put("/v1/config", { Kind: "proxy-defaults", Name: "global", Config: { protocol: "http" } });
  const registering = { at: performance.now(), cpu: cpu() };
  for (const instance of batches(plan.proxies, 32)) {
    await Promise.all(instance.map((one) => put("/v1/agent/service/register", registration(one))));
  }
  const registered = { at: performance.now(), cpu: cpu(), memory: memoryOf(agent.pid) };
  say(`${size}: registered in ${((registered.at - registering.at) / 1000).toFixed(1)} s`);

  const storm = { at: process.hrtime.bigint(), cpu: cpu() };
  const synced = await proxies.connect(agent.grpcAddress, plan.proxies);
  const stormed = { seconds: Number(synced - storm.at) / 1e9, cpuSeconds: (cpu() - storm.cpu) / 1000 };
  say(`${size}: all synced after ${stormed.seconds.toFixed(1)} s; ${proxies.ended} had to connect again`);
  await pause(2000);
  const resting = { cpu: cpu(), memory: memoryOf(agent.pid) };
  await pause(REST);
  const rest = ((cpu() - resting.cpu) / REST) * 100;

  const endpoint = (target: Target, i: number) =>
    put(`/v1/agent/check/${i % 2 === 0 ? "fail" : "pass"}/service:${target.service}-0`);
  const intention = (source: string, destination: string, i: number) =>
    put(`/v1/connect/intentions/exact?source=${source}&destination=${encodeURIComponent(destination)}`, {
      Action: i % 2 === 0 ? "deny" : "allow",
    });
  const { few, some, all } = plan.targets;
  const changes: Record<string, Change> = {};
  const change = async (
    name: string,
    touches: number,
    kind: "endpoints" | "extension",
    make: (i: number) => Promise<void>,
  ) => {
    changes[name] = await measureChange({ proxies, cpu, touches, kind, make });
    say(`${size}: ${name}: p50 ${changes[name].p50.toFixed(1)} ms, p99 ${changes[name].p99.toFixed(1)} ms`);
  };
  await change("an endpoint that few reach", few.touches, "endpoints", (i) => endpoint(few, i));
  await change("an endpoint that some reach", some.touches, "endpoints", (i) => endpoint(some, i));
  await change("an endpoint that all reach", all.touches, "endpoints", (i) => endpoint(all, i));
  await change("an intention of one service", 10, "extension", (i) => intention("service-1", few.service, i));
  await change("an intention of all services", plan.proxies.length, "extension", (i) =>
    intention("service-2", "*", i),
  );
  const bytes = Math.round(changes["an endpoint that all reach"]?.bytes ?? 1000);
  return {
    proxies: plan.proxies.length,
    registration: {
      seconds: (registered.at - registering.at) / 1000,
      cpuSeconds: (registered.cpu - registering.cpu) / 1000,
    },
    storm: stormed,
    memory: {
      whole: (resting.memory - empty) / plan.proxies.length / 1000,
      stream: (resting.memory - registered.memory) / plan.proxies.length / 1000,
    },
    rest,
    changes,
    floor: await floor(plan.proxies, bytes, Math.min(RUNS, 20)),
  };
}

interface ChangeOptions {
  readonly proxies: SimulatedProxies;
  readonly cpu: () => number;
  readonly touches: number;
  readonly kind: "endpoints" | "extension";
  readonly make: (i: number) => Promise<void>;
}

async function measureChange({ proxies, cpu, touches, kind, make }: ChangeOptions): Promise<Change> {
  const times: number[] = [];
  let bytes = 0;
  const begin = cpu();
  for (let i = 0; i < RUNS; i++) {
    const { acknowledged } = await proxies.expect(kind, touches);
    const at = process.hrtime.bigint();
    const written = make(i);
    const last = await acknowledged;
    await written;
    times.push(Number(last.at - at) / 1e6);
    bytes = last.bytes / touches;
  }
  return {
    touches,
    p50: percentile(times, 50),
    p99: percentile(times, 99),
    cpu: (cpu() - begin) / RUNS,
    bytes,
  };
}

function registration({ instance, service, upstreams, address }: Instance) {
  return {
    ...{ ID: instance, Name: service, Address: address, Port: 8080 },
    Check: { TTL: "24h", Status: "passing" },
    Connect: {
      SidecarService: {
        Port: 20000,
        // Nothing listens there: the proxies are simulated.
        DisableDefaultTCPCheck: true,
        Proxy: {
          Upstreams: upstreams.map((name, i) => ({ DestinationName: name, LocalBindPort: 9000 + i })),
        },
      },
    },
  };
}

function* batches<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function report(): void {
  writeResults("xds", {
    text: [...results.flatMap(lines), ...aims()].join("\n"),
    data: { results, kuma: KUMA },
  });
}

function lines(result: Result): string[] {
  const { proxies, storm, registration, memory, rest, changes, floor } = result;
  const kuma = KUMA[proxies];
  const rows = Object.entries(changes).map(([name, { touches, p50, p99, cpu }]) => {
    const peer = name.includes("some") ? kuma?.some : name.includes("all services") ? kuma?.all : undefined;
    return [
      name,
      String(touches),
      p50.toFixed(1),
      p99.toFixed(1),
      cpu.toFixed(1),
      peer === undefined ? "-" : String(peer),
    ];
  });
  rows.push([
    "floor: one message to every stream",
    String(proxies),
    floor.p50.toFixed(1),
    floor.p99.toFixed(1),
    floor.cpu.toFixed(1),
    "-",
  ]);
  const peer = (value: number | undefined, unit: string) =>
    value === undefined ? "" : `; Kuma ${value} ${unit}`;
  return [
    `${proxies} proxies`,
    `  registered in ${registration.seconds.toFixed(1)} s, ${registration.cpuSeconds.toFixed(1)} CPU s`,
    `  all synced after ${storm.seconds.toFixed(2)} s, ${storm.cpuSeconds.toFixed(2)} CPU s${peer(kuma?.cpuSeconds, "CPU s")}`,
    `  memory a proxy ${memory.whole.toFixed(0)} kB, of it the stream ${memory.stream.toFixed(0)} kB (bare gRPC ${floor.memory.toFixed(0)} kB)${peer(kuma?.memory, "kB")}`,
    `  at rest ${rest.toFixed(2)} % of a core${peer(kuma?.rest, "%")}`,
    ...table(["change", "touches", "p50 ms", "p99 ms", "server CPU ms", "Kuma p99 ms"], rows).map(
      (line) => `  ${line}`,
    ),
    "",
  ];
}

function aims(): string[] {
  const result = results.find(({ proxies }) => proxies === 1000);
  if (result === undefined) return [];
  const { changes, memory, storm, rest } = result;
  const rows: [string, number, number][] = [
    [
      "an endpoint that 10 proxies reach, p99 ms",
      changes["an endpoint that few reach"]?.p99 ?? Number.NaN,
      20,
    ],
    ["an endpoint that all reach, p99 ms", changes["an endpoint that all reach"]?.p99 ?? Number.NaN, 300],
    ["memory a proxy, kB", memory.whole, 150],
    ["storm, s", storm.seconds, 10],
    ["at rest, % of a core", rest, 1],
  ];
  return [
    "Aims with 1,000 proxies",
    ...table(
      ["", "measured", "aim", ""],
      rows.map(([name, value, aim]) => [
        name,
        value.toFixed(2),
        String(aim),
        value <= aim ? "met" : "missed",
      ]),
    ),
  ];
}
