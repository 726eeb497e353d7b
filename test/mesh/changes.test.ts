import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { defaults, resolver, splitter } from "./support/entries.ts";
import type { Scene } from "./support/scene.ts";
import { TestMesh } from "./support/test-mesh.ts";

describe("changes under load", () => {
  let mesh: TestMesh;
  before(async () => {
    mesh = await TestMesh.start([
      { service: "web", upstreams: ["api"] },
      { service: "api", instances: [{ version: "1" }, { version: "1" }, { version: "2" }, { version: "2" }] },
    ]);
  });
  after(() => mesh[Symbol.asyncDispose]());

  const subsets = resolver("api", {
    Subsets: { v1: { Filter: "Service.Meta.version == 1" }, v2: { Filter: "Service.Meta.version == 2" } },
  });

  /** Each step another set of instances, each tenth another split; an instance of each version is always there. */
  const step = (n: number): Scene => {
    const share = (Math.floor(n / 10) * 17) % 101;
    const split = splitter(
      "api",
      { Weight: 100 - share, ServiceSubset: "v1" },
      { Weight: share, ServiceSubset: "v2" },
    );
    const gone = [[], ["api-2"], ["api-4"], ["api-1"], ["api-2", "api-3"]][n % 5] ?? [];
    const weight = 1 + (n % 7);
    return { entries: [defaults("api"), subsets, split], without: gone, weights: { "api-3": weight } };
  };

  it("500 changes of endpoints and 50 of splits: no request fails", async () => {
    await mesh.scene(step(0));
    const failures: string[] = [];
    let requests = 0;
    let stopped = false;
    const callers = Array.from({ length: 4 }, async () => {
      while (!stopped) {
        const { status, error, body } = await mesh.call("api", `/${requests++}`);
        if (status !== 200) failures.push(`${status} ${error} ${body}`);
      }
    });
    for (let n = 1; n <= 500; n++) {
      await mesh.write(step(n));
      if (n % 25 === 0) await mesh.settled();
      await turn();
    }
    await mesh.settled();
    stopped = true;
    await Promise.all(callers);
    assert.deepEqual(failures, []);
    assert.ok(requests > 100, `only ${requests} requests were made`);
    assert.deepEqual(mesh.rejections, []);
  });

  it("an instance that is taken out finishes what it has begun", async () => {
    await mesh.scene({ entries: [defaults("api")], without: ["api-2", "api-3", "api-4"] });
    mesh.application("api-1").answer = () => ({ delay: 600 });
    const slow = mesh.call("api");
    await mesh.until("the request is there", () => mesh.application("api-1").received.length > 0);
    await mesh.change({ entries: [defaults("api")], without: ["api-1", "api-3", "api-4"] });
    assert.equal((await mesh.call("api")).body, "api-2");
    assert.deepEqual([(await slow).status, (await slow).body], [200, "api-1"]);
  });

  it("a connection of a tcp service stays with an instance that is taken out", async () => {
    await mesh.scene({ without: ["api-2", "api-3", "api-4"] });
    const held = mesh.holdTcp("api");
    await held.opened;
    await mesh.change({ without: ["api-1", "api-3", "api-4"] });
    assert.equal((await mesh.callTcp("api")).body, "api-2 hello");
    assert.equal(await held.ask("still there?"), "api-1 still there?");
    await held.close();
  });

  it("the kernel looks whether the machine at the other end of a silent connection still is there, on both sides", async () => {
    await mesh.scene({ without: ["api-2", "api-3", "api-4"] });
    const held = mesh.holdTcp("api");
    await held.opened;
    const { address } = mesh.member("api-1").registration;
    const sockets = (filter: string) =>
      execFileSync("ss", ["-Htno", "state", "established", filter], { encoding: "utf8" });
    const between = `${address}:21000`;
    await mesh.until("both watch", async () =>
      [sockets(`src ${between}`), sockets(`dst ${between}`)].every((each) =>
        each.includes("timer:(keepalive"),
      ),
    );
    await held.close();
  });

  it("a change of what a service speaks is taken up", async () => {
    await mesh.scene({ entries: [defaults("api", { Protocol: "tcp" })] });
    assert.match((await mesh.callTcp("api")).body, /hello/);
    await mesh.change({ entries: [defaults("api", { Protocol: "http" })] });
    assert.equal((await mesh.call("api")).headers["server"], "envoy");
    await mesh.change({ entries: [defaults("api", { Protocol: "tcp" })] });
    assert.match((await mesh.callTcp("api")).body, /hello/);
  });
});
