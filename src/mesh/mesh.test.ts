import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { effect } from "@preact/signals-core";
import type { CheckStatus, HealthCheck, ServiceInstance } from "#model/catalog.ts";
import { type ConfigEntry, readConfigEntry } from "#model/config-entry/config-entry.ts";
import { State } from "#state/state.ts";
import type { Table } from "#state/table.ts";
import { SqliteStore } from "#store/sqlite.ts";
import { Mesh } from "./mesh.ts";
import {
  catalogNodes,
  checkKey,
  checks,
  cluster,
  configEntries,
  configKey,
  nodes,
  roots,
  serviceKey,
  services,
} from "./tables.ts";

const tables = [
  services,
  checks,
  configEntries,
  catalogNodes,
  nodes,
  roots,
  cluster,
] as readonly Table<never>[];

describe("the mesh", () => {
  let folder: string;
  let state: State;
  let mesh: Mesh;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "yurt-mesh-"));
    state = await State.open(new SqliteStore(join(folder, "state.db"), { durable: false }), tables);
    mesh = new Mesh(state, {
      datacenter: "dc1",
      defaultPolicy: "allow",
      leafFailed: () => undefined,
    });
    for (const version of ["1", "2"]) await register(`api-${version}`, { version });
  });
  after(async () => {
    mesh.close();
    await state.close();
    rmSync(folder, { recursive: true });
  });

  const register = (id: string, meta: Record<string, string>) =>
    state.transact((tx) =>
      tx.put(services, serviceKey({ Node: "n1", ID: id }), proxyBefore("api", id, meta)),
    );
  const report = (id: string, status: CheckStatus) =>
    state.transact((tx) => {
      const check = checkOf(id, status);
      tx.put(checks, checkKey(check), check);
    });
  const write = (json: unknown) =>
    state.transact((tx) => {
      const { entry, problems } = readConfigEntry(json);
      assert.ok(entry, JSON.stringify(problems));
      tx.put(configEntries, configKey(entry), entry satisfies ConfigEntry);
    });

  describe("with subsets", () => {
    beforeEach(() =>
      write({
        Kind: "service-resolver",
        Name: "api",
        DefaultSubset: "v2",
        Subsets: {
          v1: { Filter: "Service.Meta.version == 1" },
          v2: { Filter: 'Service.Meta.version == "2"', OnlyPassing: true },
        },
      }),
    );

    const followed = (target: string) => {
      const seen: string[] = [];
      const stop = effect(() => {
        const chain = mesh.chain("api");
        const found = chain instanceof Error ? undefined : chain.Targets[target];
        const endpoints = found === undefined ? [] : mesh.endpointsOf(found);
        seen.push(endpoints.map(({ id, healthy }) => `${id}${healthy ? "" : " ill"}`).join(" "));
      });
      return { seen, stop };
    };

    it("gives the instances of the chain's target, and those again that its entries and checks change", async () => {
      const { seen, stop } = followed("v2.api.default.default.dc1");
      await report("api-2", "warning");
      await register("api-3", { version: "2" });
      await report("api-2", "passing");
      stop();
      assert.deepEqual(seen, ["api-2", "api-2 ill", "api-2 ill api-3", "api-2 api-3"]);
    });

    it("disturbs nobody by what does not concern the target", async () => {
      const { seen, stop } = followed("v2.api.default.default.dc1");
      await report("api-1", "critical");
      await write({ Kind: "service-resolver", Name: "other", ConnectTimeout: "1s" });
      await write({ Kind: "service-intentions", Name: "api", Sources: [{ Name: "web", Action: "allow" }] });
      stop();
      assert.equal(seen.length, 1);
    });
  });
});

function proxyBefore(service: string, id: string, Meta: Readonly<Record<string, string>>): ServiceInstance {
  return {
    Node: "n1",
    ID: id,
    Service: `${service}-sidecar-proxy`,
    Kind: "connect-proxy",
    Provider: "consul",
    Tags: [],
    Meta,
    Address: "10.0.0.1",
    Port: 20000,
    Weights: { Passing: 1, Warning: 1 },
    EnableTagOverride: false,
    Proxy: {
      DestinationServiceName: service,
      DestinationServiceID: "",
      LocalServiceAddress: "127.0.0.1",
      LocalServicePort: 80,
      Mode: "",
      Config: {},
      Upstreams: [],
      Expose: { Paths: [] },
    },
    ConnectNative: false,
    Namespace: "",
    JobID: "",
    AllocID: "",
  };
}

function checkOf(id: string, Status: CheckStatus): HealthCheck {
  return {
    Node: "n1",
    CheckID: `alive ${id}`,
    Name: "alive",
    Status,
    Notes: "",
    Output: "",
    ServiceID: id,
    ServiceName: "api-sidecar-proxy",
    Type: "tcp",
  };
}
