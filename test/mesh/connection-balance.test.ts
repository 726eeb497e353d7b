import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defaults } from "./support/entries.ts";
import { TestMesh } from "./support/test-mesh.ts";

const COUNT = 8;

describe("connections among the threads of a proxy", () => {
  let mesh: TestMesh;
  before(async () => {
    mesh = await TestMesh.start([
      { service: "web", upstreams: ["api"], threads: 2 },
      { service: "api", threads: 2 },
    ]);
  });
  after(() => mesh[Symbol.asyncDispose]());

  /** How many connections each thread has at a port, of several that are open at a time. */
  const shares = async (id: string, port: number): Promise<number[]> => {
    const held = Array.from({ length: COUNT }, () => mesh.holdTcp("api"));
    for (const { opened } of held) await opened;
    const { envoy } = mesh.member(id);
    const counts = await mesh.until("every connection is counted", async () => {
      const stats = await envoy.stats(`^listener.*_${port}.worker_\\d.downstream_cx_active`);
      const each = Object.values(stats);
      return each.reduce((sum, count) => sum + count, 0) === COUNT ? each : null;
    });
    for (const connection of held) await connection.close();
    await mesh.until("every connection is closed", async () =>
      Object.values(await envoy.stats(`^listener.*_${port}.worker_\\d.downstream_cx_active`)).every(
        (count) => count === 0,
      ),
    );
    return counts;
  };

  it("BalanceInboundConnections exact_balance: each has as many as the others", async () => {
    const balanced = { Protocol: "tcp", BalanceInboundConnections: "exact_balance" };
    await mesh.scene({ entries: [defaults("api", balanced)] });
    assert.deepEqual(await shares("api-1", 21000), [COUNT / 2, COUNT / 2]);
  });

  it("BalanceOutboundConnections exact_balance: the same at an upstream", async () => {
    const Defaults = { BalanceOutboundConnections: "exact_balance" };
    await mesh.scene({ entries: [defaults("web", { UpstreamConfig: { Defaults } })] });
    assert.deepEqual(await shares("web-1", 5001), [COUNT / 2, COUNT / 2]);
  });
});
