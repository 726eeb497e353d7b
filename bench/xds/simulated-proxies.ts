import { fork } from "node:child_process";
import { join } from "node:path";
import type { Order, Report } from "./proxies.ts";
import type { ProxyPlan } from "./simulated-proxy.ts";

type Resource = Extract<Order, { kind: "expect" }>["resource"];

/** The simulated proxies, in a process of their own. */
export class SimulatedProxies implements Disposable {
  readonly #child = fork(join(import.meta.dirname, "proxies.ts"));

  /** How many streams have ended, and were begun again. */
  ended = 0;

  constructor() {
    this.#child.on("message", (report: Report) => {
      if (report.kind === "ended") this.ended += 1;
    });
  }

  /** All at once. Gives the time when every proxy holds what it needs. */
  async connect(address: string, proxies: readonly ProxyPlan[]): Promise<bigint> {
    const synced = this.#report("synced");
    this.#child.send({ kind: "connect", address, proxies } satisfies Order);
    return BigInt((await synced).at);
  }

  /** From now on acknowledgements count. The inner promise gives when there were so many. */
  async expect(
    resource: Resource,
    count: number,
  ): Promise<{ acknowledged: Promise<{ at: bigint; bytes: number }> }> {
    const ready = this.#report("expecting");
    const acknowledged = this.#report("acknowledged").then(({ at, bytes }) => ({ at: BigInt(at), bytes }));
    this.#child.send({ kind: "expect", resource, count } satisfies Order);
    await ready;
    return { acknowledged };
  }

  [Symbol.dispose](): void {
    this.#child.kill();
  }

  #report<Kind extends Report["kind"]>(kind: Kind): Promise<Extract<Report, { kind: Kind }>> {
    return new Promise((resolve) => {
      const look = (report: Report) => {
        if (report.kind !== kind) return;
        this.#child.off("message", look);
        resolve(report as Extract<Report, { kind: Kind }>);
      };
      this.#child.on("message", look);
    });
  }
}
