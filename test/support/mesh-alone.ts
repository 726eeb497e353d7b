import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Mesh } from "../../src/mesh/mesh.ts";
import {
  CLUSTER_KEY,
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
} from "../../src/mesh/tables.ts";
import type { CheckStatus, HealthCheck, ServiceInstance } from "../../src/model/catalog.ts";
import { readConfigEntry } from "../../src/model/config-entry/config-entry.ts";
import { State } from "../../src/state/state.ts";
import { SqliteStore } from "../../src/store/sqlite.ts";

interface Registered {
  readonly meta?: Readonly<Record<string, string>>;
  /** Each is called at a port of its own, from 5000 on. */
  readonly upstreams?: readonly string[];
}

/** The cells over tables that a test writes, with no server around them. */
export interface MeshAlone extends AsyncDisposable {
  readonly mesh: Mesh;
  /** A proxy before an instance of a service. */
  register(service: string, id: string, more?: Registered): Promise<unknown>;
  report(id: string, status: CheckStatus): Promise<unknown>;
  write(entry: object): Promise<unknown>;
}

export async function startMesh(): Promise<MeshAlone> {
  const folder = mkdtempSync(join(tmpdir(), "yurt-mesh-"));
  const tables = [services, checks, configEntries, catalogNodes, nodes, roots, cluster];
  const state = await State.open(new SqliteStore(join(folder, "state.db"), { durable: false }), tables);
  const mesh = new Mesh(state, { datacenter: "dc1", defaultPolicy: "allow", leafFailed: () => undefined });
  await state.transact((tx) => tx.put(cluster, CLUSTER_KEY, { ID: "c", TrustDomain: "test.consul" }));
  return {
    mesh,
    register: (service, id, more = {}) =>
      state.transact((tx) =>
        tx.put(services, serviceKey({ Node: "n1", ID: id }), proxyBefore(service, id, more)),
      ),
    report: (id, status) =>
      state.transact((tx) => {
        const check = checkOf(id, status);
        tx.put(checks, checkKey(check), check);
      }),
    write: (json) =>
      state.transact((tx) => {
        const { entry, problems } = readConfigEntry(json);
        assert.ok(entry, JSON.stringify(problems));
        tx.put(configEntries, configKey(entry), entry);
      }),
    [Symbol.asyncDispose]: async () => {
      mesh.close();
      await state.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function proxyBefore(
  service: string,
  id: string,
  { meta = {}, upstreams = [] }: Registered,
): ServiceInstance {
  return {
    Node: "n1",
    ID: id,
    Service: `${service}-sidecar-proxy`,
    Kind: "connect-proxy",
    Provider: "consul",
    Tags: [],
    Meta: meta,
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
      Upstreams: upstreams.map((DestinationName, i) => ({
        DestinationType: "service",
        DestinationName,
        DestinationPeer: "",
        Datacenter: "",
        LocalBindAddress: "127.0.0.1",
        LocalBindPort: 5000 + i,
        LocalBindSocketPath: "",
        LocalBindSocketMode: "",
        Config: {},
      })),
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
    ServiceName: id,
    Type: "tcp",
  };
}
