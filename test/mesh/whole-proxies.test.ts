import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { effect } from "@preact/signals-core";
import type { Server } from "../../src/server/server.ts";
import { ProxyResources } from "../../src/xds/proxy-resources.ts";
import type { Snapshot } from "../../src/xds/snapshot.ts";
import { matchGolden } from "../support/golden.ts";
import { snapshotJson } from "../support/resource-json.ts";
import { until } from "../support/wait.ts";
import { complaintOfEnvoy } from "./support/envoy.ts";
import { registrationsOf } from "./support/registration.ts";
import { writeScene } from "./support/scene.ts";
import { staticConfiguration } from "./support/static-configuration.ts";
import { startServer } from "./support/test-server.ts";
import { wholeProxies } from "./support/whole-proxies.ts";

const registrations = registrationsOf(
  [
    { service: "web", upstreams: ["api", "db"] },
    { service: "api", instances: [{ version: "1" }, { version: "2" }] },
    { service: "db" },
    { service: "edge", gateway: "ingress-gateway" },
    { service: "door", gateway: "api-gateway" },
    { service: "out", gateway: "terminating-gateway" },
    { service: "shop", outside: true },
  ],
  (host) => `10.0.0.${host}`,
);

describe("all that a proxy holds", () => {
  let folder: string;
  let server: Server;
  let resources: ProxyResources;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "yurt-goldens-"));
    server = await startServer(join(folder, "state.db"), {});
    resources = new ProxyResources(server.mesh);
    await writeScene(server.state, registrations, {});
    for (const service of ["web", "api", "db"]) {
      await until(`${service} has an address`, () => server.mesh.virtualAddress(service));
    }
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [title, { of = "web-1-sidecar-proxy", ...scene }] of Object.entries(wholeProxies)) {
    it(`${title}: as its golden file has it, and accepted by Envoy`, async () => {
      await writeScene(server.state, registrations, scene);
      const snapshot = await held(resources, of);
      const text = `${JSON.stringify(snapshotJson(snapshot), null, 2)}\n`;
      const file = `${title.replaceAll(" ", "-")}.golden.json`;
      matchGolden(
        join(import.meta.dirname, "goldens", file),
        text.replaceAll(server.mesh.trustDomain(), "11111111-2222-3333-4444-555555555555.consul"),
      );
      const configuration = join(folder, `${file}.config.json`);
      writeFileSync(configuration, JSON.stringify(staticConfiguration(snapshot)));
      assert.equal(await complaintOfEnvoy(configuration), null);
    });
  }
});

/** A certificate takes a moment to be made. */
async function held(resources: ProxyResources, proxyId: string): Promise<Snapshot> {
  let snapshot: Snapshot | null = null;
  const stop = effect(() => {
    snapshot = resources.snapshot(proxyId);
  });
  try {
    return await until(`${proxyId} has all that it should hold`, () => snapshot);
  } finally {
    stop();
  }
}
