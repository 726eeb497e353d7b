/**
 * `make bench-dataplane`: what a request costs through the mesh's two sidecars, beside no proxy at all and beside
 * a pair of Envoys by hand that does the same work with the least configuration (the floor), and beside Kuma where
 * KUMA_CP_BIN and KUMA_DP_BIN name its binaries. Everything runs in the same two namespaces, in turn, RUNS times;
 * SECONDS is the length of one load, LOADS a pattern of those to run.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { AllocationDetail, AllocationView } from "../../src/cli/views.ts";
import { findEnvoy } from "../../src/model/envoy-binary.ts";
import { startAgent, type TestAgent } from "../../test/e2e/support/yurt.ts";
import { until } from "../../test/support/wait.ts";
import { inFlight } from "../support/in-flight.ts";
import { machine } from "../support/machine.ts";
import { cpuOf, type MemoryShares, memorySharesOf } from "../support/process.ts";
import { type KumaWay, kumaBinaries, startKuma } from "./kuma.ts";
import { type Finding, loads, run } from "./loads.ts";
import { type Measured, writeReport } from "./report.ts";
import { type StaticWay, startStaticPair, weighLike } from "./static-pair.ts";

const RUNS = Number(process.env["RUNS"] ?? 5);
const LOADS = new RegExp(process.env["LOADS"] ?? "");
const MIB = 1024 * 1024;
const OTHER_SERVICES = 1000;
/** Milliseconds in which an Envoy gives back what it does not use. */
const CALM = 11_000;

const staticWays = {
  "static tcp": way("tcp", "http/1.1", 8011, 9211, 9001),
  "static http/1.1": way("http", "http/1.1", 8012, 9212, 9001),
  "static h2": way("http", "h2", 8013, 9213, 9001),
  "static grpc": { ...way("http", "h2", 8014, 9214, 9003), server: "h2" },
} as const satisfies Record<string, StaticWay>;

/** The same again, with its share of the processors weighed as a task's is. */
const weighedWays = {
  "weighed tcp": way("tcp", "http/1.1", 8015, 9215, 9001),
  "weighed h2": way("http", "h2", 8016, 9216, 9001),
} as const satisfies Record<string, StaticWay>;

const kumaWays: readonly KumaWay[] = [
  { protocol: "tcp", listens: 8021, crosses: 9221, leadsTo: 9001 },
  { protocol: "http", listens: 8022, crosses: 9222, leadsTo: 9001 },
  { protocol: "grpc", listens: 8023, crosses: 9223, leadsTo: 9003 },
];
const kumaNamed = kumaBinaries();

const folder = mkdtempSync(join(tmpdir(), "yurt-bench-"));
makeFiles(folder);
const agent = await startAgent();
try {
  await startServices(agent);
  const [server, client] = [await allocationOf("server"), await allocationOf("client")];
  const serverAddress = server.NetworkStatus?.Address ?? "";
  const far = { namespace: server.ID, address: serverAddress };
  const [clientSidecars, serverSidecars] = [sidecarsIn(client.ID), sidecarsIn(server.ID)];
  await using pair = await startStaticPair(folder, Object.values(staticWays), client.ID, far);
  const place = join(folder, "weighed");
  await using weighed = await startStaticPair(place, Object.values(weighedWays), client.ID, far);
  for (const [i, pid] of weighed.pids.entries())
    weighLike(pid, [clientSidecars, serverSidecars][i]?.[0] ?? fail());
  const sidecars = [...clientSidecars, ...serverSidecars];
  await using kuma =
    kumaNamed && (await startKuma(kumaNamed, folder, kumaWays, machineOf(client), machineOf(server)));
  const kumaPids = kuma?.pids ?? [];
  const throughKuma = [
    { name: "kuma tcp", proxies: kumaPids, http: "127.0.0.1:8021", grpc: null },
    { name: "kuma http", proxies: kumaPids, http: "127.0.0.1:8022", grpc: "127.0.0.1:8023" },
  ];
  const ways = [
    { name: "direct", proxies: [], http: `${serverAddress}:9101`, grpc: `${serverAddress}:9103` },
    { name: "yurt tcp", proxies: sidecars, http: "127.0.0.1:8001", grpc: null },
    { name: "static tcp", proxies: pair.pids, http: "127.0.0.1:8011", grpc: null },
    { name: "yurt http", proxies: sidecars, http: "127.0.0.1:8002", grpc: "127.0.0.1:8003" },
    { name: "static http/1.1", proxies: pair.pids, http: "127.0.0.1:8012", grpc: null },
    { name: "static h2", proxies: pair.pids, http: "127.0.0.1:8013", grpc: "127.0.0.1:8014" },
    { name: "weighed tcp", proxies: weighed.pids, http: "127.0.0.1:8015", grpc: null },
    { name: "weighed h2", proxies: weighed.pids, http: "127.0.0.1:8016", grpc: null },
    ...(kuma === null ? [] : throughKuma),
  ];
  const emptyEnvoy = await memoryOfEmptyEnvoy(client.ID);
  const [clientSidecar = 0] = clientSidecars;
  const [serverSidecar = 0] = serverSidecars;
  await pause(CALM);
  const atRest = [memorySharesOf(clientSidecar), memorySharesOf(serverSidecar)] as const;
  await joinServices(agent);
  await pause(CALM);
  const amongMany = memorySharesOf(clientSidecar);
  await until("every way answers", async () => {
    for (const { http, grpc } of ways) {
      await run(loads[0] ?? fail(), client.ID, http, folder);
      if (grpc !== null) await run(loads.at(-1) ?? fail(), client.ID, grpc, folder);
    }
    return true;
  });
  const measured: Measured[] = [];
  for (let round = 1; round <= RUNS; round++) {
    for (const load of loads) {
      if (!LOADS.test(load.name)) continue;
      for (const { name, proxies, ...addresses } of ways) {
        const address = addresses[load.service];
        if (address === null) continue;
        const before = cpuSeconds(proxies);
        const finding = await run(load, client.ID, address, folder);
        const cpu = cpuSeconds(proxies) - before;
        measured.push({
          way: name,
          load: load.name,
          unit: load.unit,
          ...figures(finding, cpu, proxies.length > 0),
        });
        process.stderr.write(
          `${round}/${RUNS}  ${load.name.padEnd(42)} ${name.padEnd(16)} ${finding.perSecond.toFixed(0)} ${load.unit}\n`,
        );
      }
    }
  }
  const memory = {
    "an Envoy with an empty configuration": emptyEnvoy,
    "the client's sidecar at rest": atRest[0],
    "the server's sidecar at rest": atRest[1],
    "the client's sidecar at rest, among 1,000 services": amongMany,
    "the client's sidecar after the loads": memorySharesOf(clientSidecar),
    "the server's sidecar after the loads": memorySharesOf(serverSidecar),
    "the static client after the loads": memorySharesOf(pair.pids[0] ?? 0),
    "the static server after the loads": memorySharesOf(pair.pids[1] ?? 0),
    ...Object.fromEntries(
      kumaPids.map((pid, i) => [`Kuma's ${["client", "server"][i]} after the loads`, memorySharesOf(pid)]),
    ),
  };
  writeReport({ machine: machine(findEnvoy(undefined) ?? "envoy"), runs: RUNS, measured, memory });
} finally {
  await agent[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
}

/** So many services join the mesh that the two know nothing of. */
async function joinServices({ consulApi }: TestAgent): Promise<void> {
  const others = Array.from({ length: OTHER_SERVICES }, (_, i) => ({
    ...{ ID: `other-${i}`, Name: `other-${i}`, Address: "192.0.2.1", Port: 1000 + i },
    Connect: { SidecarService: { Port: 3000 + i } },
  }));
  await inFlight(16, others, async (service) => {
    const body = JSON.stringify(service);
    const answer = await fetch(`${consulApi}/v1/agent/service/register`, { method: "PUT", body });
    if (!answer.ok) throw new Error(await answer.text());
    await answer.arrayBuffer();
  });
}

function way(
  kind: StaticWay["kind"],
  between: StaticWay["between"],
  listens: number,
  crosses: number,
  leadsTo: number,
): StaticWay {
  return { kind, between, server: "http/1.1", listens, crosses, leadsTo };
}

function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + cpuOf(pid) / 1000, 0);
}

function figures({ perSecond, p50, p99, p999, requests }: Finding, cpu: number, hasProxies: boolean) {
  const cpuPerThousand = hasProxies ? (cpu / requests) * 1000 : Number.NaN;
  return { perSecond, p50, p99, p999, cpuPerThousand };
}

/** 64 MiB are written once and then served from memory. */
function makeFiles(into: string): void {
  for (const [name, size] of [
    ["1k", 1024],
    ["64k", 64 * 1024],
    ["64m", 64 * MIB],
  ] as const) {
    writeFileSync(join(into, name), Buffer.alloc(size, "yurt "));
  }
  const message = Buffer.alloc(128, "yurt ");
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  writeFileSync(join(into, "grpc-frame"), Buffer.concat([head, message]));
}

async function startServices(on: TestAgent): Promise<void> {
  for (const protocol of ["http", "grpc"]) {
    const path = join(folder, `${protocol}.json`);
    writeFileSync(
      path,
      JSON.stringify({ Kind: "service-defaults", Name: `bench-${protocol}`, Protocol: protocol }),
    );
    await on.must("config", "write", path);
  }
  const variables = {
    files: folder,
    node: process.execPath,
    grpc_server: join(import.meta.dirname, "grpc-server.ts"),
  };
  const flags = Object.entries(variables).flatMap(([name, value]) => ["-var", `${name}=${value}`]);
  await on.must("job", "run", ...flags, join(import.meta.dirname, "services.nomad.hcl"));
}

async function allocationOf(group: string): Promise<AllocationDetail> {
  const all = await agent.get<AllocationView[]>("/v1/job/dataplane/allocations");
  const found = all.find(({ TaskGroup }) => TaskGroup === group) ?? fail();
  return agent.get<AllocationDetail>(`/v1/allocation/${found.ID}`);
}

function machineOf({ ID, NetworkStatus }: AllocationDetail) {
  return { namespace: ID, address: NetworkStatus?.Address ?? fail() };
}

/** The sidecars in an allocation's namespace, where there are no other Envoys yet. */
function sidecarsIn(namespace: string): number[] {
  const pids = execFileSync("ip", ["netns", "pids", namespace], { encoding: "utf8" }).trim().split("\n");
  const isEnvoy = (pid: number) => readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "envoy";
  return pids.map(Number).filter(isEnvoy);
}

async function memoryOfEmptyEnvoy(namespace: string): Promise<MemoryShares> {
  const place = join(folder, "empty");
  await using pair = await startStaticPair(place, [], namespace, { namespace, address: "" });
  const [pid = 0] = pair.pids;
  await pause(2000);
  return memorySharesOf(pid);
}

function fail(): never {
  throw new Error("what was started is not there");
}
