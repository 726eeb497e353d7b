import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { cpuOf, memoryOf } from "../support/process.ts";
import { percentile } from "../support/statistics.ts";
import { SimulatedProxies } from "./simulated-proxies.ts";
import type { ProxyPlan } from "./simulated-proxy.ts";

export interface Floor {
  /** kB of memory a stream. */
  readonly memory: number;
  /** Milliseconds until one message to all streams is acknowledged by all, and the server's CPU for it. */
  readonly p50: number;
  readonly p99: number;
  readonly cpu: number;
}

/** What a bare gRPC server takes for as many streams and one message to each. */
export async function floor(plans: readonly ProxyPlan[], size: number, runs: number): Promise<Floor> {
  const server = fork(join(import.meta.dirname, "floor.ts"));
  using proxies = new SimulatedProxies();
  const ask = async (bytes: number) => {
    server.send({ size: bytes });
    const [answer] = (await once(server, "message")) as [{ streams: number }];
    return answer.streams;
  };
  try {
    const [{ port }] = (await once(server, "message")) as [{ port: number }];
    const pid = server.pid ?? 0;
    const empty = memoryOf(pid);
    void proxies.connect(`127.0.0.1:${port}`, plans);
    while ((await ask(0)) < plans.length) await pause(50);
    await pause(1000);
    const memory = (memoryOf(pid) - empty) / plans.length / 1000;
    const begin = cpuOf(pid);
    const times: number[] = [];
    for (let i = 0; i < runs; i++) {
      const { acknowledged } = await proxies.expect("endpoints", plans.length);
      const at = process.hrtime.bigint();
      const asked = ask(size);
      times.push(Number((await acknowledged).at - at) / 1e6);
      await asked;
    }
    return {
      memory,
      p50: percentile(times, 50),
      p99: percentile(times, 99),
      cpu: (cpuOf(pid) - begin) / runs,
    };
  } finally {
    server.kill();
  }
}
