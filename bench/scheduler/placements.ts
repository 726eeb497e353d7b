import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { silentLog } from "../../src/model/log.ts";
import { registerJob } from "../../src/server/jobs.ts";
import { Server } from "../../src/server/server.ts";
import { allocations, nodes } from "../../src/server/tables.ts";
import { SqliteStore } from "../../src/store/sqlite.ts";
import { job, node } from "../../test/support/cluster.ts";

const NODES = Number(process.env["NODES"] ?? 5000);
const JOBS = 200;
const COUNT = Number(process.env["ALLOCATIONS"] ?? 100_000) / JOBS;

export interface Placements {
  readonly nodes: number;
  readonly jobs: number;
  readonly placed: number;
  readonly seconds: number;
  /** MB of the process that holds it all. */
  readonly memory: number;
}

/** A server whose nodes only exist in its tables: what it takes to decide, to store and to know it. */
export async function placements(): Promise<Placements> {
  const folder = mkdtempSync(join(tmpdir(), "yurt-bench-"));
  const store = new SqliteStore(join(folder, "state.db"));
  const leafFailed = (_: unknown, error: unknown) => {
    throw error;
  };
  const options = { datacenter: "dc1", defaultPolicy: "deny", leafLifetime: 3_600_000, leafFailed } as const;
  const server = await Server.start(store, options, silentLog);
  const Resources = { CPU: 100, MemoryMB: 200 };
  const { NodeResources } = node("");
  const all = Array.from({ length: NODES }, (_, i) =>
    node(`node-${i}`, {
      Meta: { rack: `r${i % 50}` },
      NodeResources: {
        ...NodeResources,
        Cpu: {
          CpuShares: 16_000,
          TotalCpuCores: 16,
          ReservableCpuCores: Array.from({ length: 16 }, (_, core) => core),
        },
        Memory: { MemoryMB: 64_000 },
        Disk: { DiskMB: 200_000 },
        MaxDynamicPort: 32_000,
      },
    }),
  );
  await server.state.transact((tx) => {
    for (const each of all) tx.put(nodes, each.ID, each);
  });
  const beat = setInterval(() => {
    for (const { ID } of all) server.nodes.heard(ID);
  }, 1000);
  const begin = performance.now();
  for (let i = 0; i < JOBS; i++) {
    const group = {
      Count: COUNT,
      Networks: [{ DynamicPorts: [{ Label: "http" }] }],
      Spreads: i % 2 === 0 ? [{ Attribute: "${meta.rack}" }] : [],
      Tasks: [{ Name: "main", Driver: "exec", Resources }],
    };
    await registerJob(server.state, job({ ID: `job-${i}` }, group));
  }
  while (server.state.all(allocations).length < JOBS * COUNT) await pause(20);
  clearInterval(beat);
  const seconds = (performance.now() - begin) / 1000;
  const memory = process.memoryUsage.rss() / 1e6;
  await server.close();
  rmSync(folder, { recursive: true });
  return { nodes: NODES, jobs: JOBS, placed: JOBS * COUNT, seconds, memory };
}
