/** The process of the simulated proxies: told by messages what to do, tells when it is done. */
import type { ResourceKind } from "#xds/resource.ts";
import { type ProxyPlan, SimulatedProxy } from "./simulated-proxy.ts";

export type Order =
  | { readonly kind: "connect"; readonly address: string; readonly proxies: readonly ProxyPlan[] }
  /** Says when so many responses with that kind of resource have been acknowledged. */
  | { readonly kind: "expect"; readonly resource: ResourceKind; readonly count: number };

/** Times are nanoseconds of the machine's monotonic clock. */
export type Report =
  | { readonly kind: "synced"; readonly at: string }
  | { readonly kind: "expecting" }
  | { readonly kind: "acknowledged"; readonly at: string; readonly bytes: number }
  | { readonly kind: "ended"; readonly reason: string };

let expected: { readonly resource: ResourceKind; readonly count: number } | null = null;
let [count, bytes, synced, all] = [0, 0, 0, 0];

process.on("message", (order: Order) => {
  if (order.kind === "connect") connect(order.address, order.proxies);
  else {
    expected = order;
    [count, bytes] = [0, 0];
    report({ kind: "expecting" });
  }
});
process.on("disconnect", () => process.exit());

function connect(address: string, proxies: readonly ProxyPlan[]): void {
  all += proxies.length;
  for (const plan of proxies) {
    new SimulatedProxy(address, plan, {
      acknowledged,
      ended: (reason) => report({ kind: "ended", reason }),
      synced: () => {
        synced += 1;
        if (synced === all) report({ kind: "synced", at: now() });
      },
    });
  }
}

function acknowledged(kind: ResourceKind, size: number): void {
  if (kind !== expected?.resource) return;
  [count, bytes] = [count + 1, bytes + size];
  if (count === expected.count) report({ kind: "acknowledged", at: now(), bytes });
}

const now = () => String(process.hrtime.bigint());

function report(message: Report): void {
  process.send?.(message);
}
