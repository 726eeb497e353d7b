import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DefaultPolicy } from "../../../src/mesh/intentions.ts";
import {
  checkKey,
  checks,
  configEntries,
  configKey,
  serviceKey,
  services,
} from "../../../src/mesh/tables.ts";
import type {
  CheckStatus,
  HealthCheck,
  ProxyRegistration,
  ServiceInstance,
} from "../../../src/model/catalog.ts";
import type { ConfigEntry } from "../../../src/model/config-entry/config-entry.ts";
import { Server } from "../../../src/server/server.ts";
import type { Row } from "../../../src/state/table.ts";
import { SqliteStore } from "../../../src/store/sqlite.ts";
import { AdsServer } from "../../../src/xds/ads-server.ts";
import { bootstrap } from "../../../src/xds/bootstrap.ts";
import { ProxyResources } from "../../../src/xds/proxy-resources.ts";
import type { Rejection } from "../../../src/xds/snapshot.ts";
import { until } from "../../support/wait.ts";
import { Application } from "./application.ts";
import { type CallOptions, call, callGrpc, callHttp2, callTcp, type Place } from "./client.ts";
import { entryOf, type WrittenEntry } from "./entry.ts";
import { Envoy } from "./envoy.ts";
import {
  APPLICATION_PORT,
  instanceOf,
  proxyOf,
  type Registration,
  sidecarId,
  upstreamPort,
} from "./registration.ts";

/** One service of a test's mesh. Each instance has an application, a sidecar and an Envoy of its own. */
export interface ServicePlan {
  readonly service: string;
  readonly upstreams?: readonly string[];
  /** Meta of each instance; one instance without any by default. */
  readonly instances?: readonly Readonly<Record<string, string>>[];
}

/** What holds during one case, in whole: nothing of an earlier case is left. */
export interface Scene {
  readonly entries?: readonly WrittenEntry[];
  /** What the proxy of an instance (`web-1`) is registered with beside its upstreams. */
  readonly proxies?: Readonly<Record<string, Partial<ProxyRegistration>>>;
  /** Settings of an upstream, by `web-1` and the upstream's name. */
  readonly upstreams?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  /** Statuses of instances' checks; passing by default. */
  readonly health?: Readonly<Record<string, CheckStatus>>;
  /** Of instances that shall not be registered. */
  readonly without?: readonly string[];
}

/** An instance with what stands around it. */
export interface Member {
  readonly registration: Registration;
  readonly application: Application;
  readonly envoy: Envoy;
}

const ADMIN_PORT = 19000;

/** Quiet unless a test fails: what proxies reject fails the case instead. */
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, named: () => silent };

/**
 * A mesh of real Envoys without jobs and namespaces: a server's state and mesh in this process, instances on
 * loopback addresses of their own. One set of Envoys serves many cases; each case says what holds in it.
 */
export class TestMesh implements AsyncDisposable {
  readonly server: Server;
  readonly folder: string;
  readonly #members = new Map<string, Member>();
  readonly #rejections: (Rejection & { readonly proxyId: string })[] = [];
  readonly #ads: AdsServer;

  private constructor(server: Server, folder: string) {
    this.server = server;
    this.folder = folder;
    const resources = new ProxyResources(server.mesh);
    this.#ads = new AdsServer({
      snapshot: resources.snapshot,
      observer: {
        connected: () => {},
        disconnected: () => {},
        rejected: (proxyId, rejection) => this.#rejections.push({ proxyId, ...rejection }),
      },
    });
  }

  static async start(
    plans: readonly ServicePlan[],
    defaultPolicy: DefaultPolicy = "allow",
  ): Promise<TestMesh> {
    const folder = mkdtempSync(join(tmpdir(), "yurt-mesh-"));
    const store = new SqliteStore(join(folder, "state.db"), { durable: false });
    const options = { datacenter: "dc1", defaultPolicy, leafLifetime: 3_600_000 };
    const leafFailed = (_: string, error: unknown) => {
      throw error;
    };
    const server = await Server.start(store, { ...options, leafFailed }, silent);
    const mesh = new TestMesh(server, folder);
    const registrations = plans.flatMap(({ service, upstreams = [], instances = [{}] }) =>
      instances.map((meta, i) => ({ service, id: `${service}-${i + 1}`, meta, upstreams })),
    );
    await Promise.all(registrations.map((one, i) => mesh.#add({ ...one, address: loopback(i + 1) })));
    await mesh.scene({});
    await Promise.all([...mesh.#members.values()].map(({ envoy }) => envoy.ready()));
    return mesh;
  }

  member(id: string): Member {
    const member = this.#members.get(id);
    if (member === undefined)
      throw new Error(`no instance ${id}; there are ${[...this.#members.keys()].join(", ")}`);
    return member;
  }

  application(id: string): Application {
    return this.member(id).application;
  }

  /** Makes exactly this hold, and returns when every proxy has taken it and uses it. */
  async scene(scene: Scene): Promise<void> {
    for (const { application } of this.#members.values()) application.reset();
    await this.change(scene);
  }

  /** The same, but what the applications have received stays. */
  async change(scene: Scene): Promise<void> {
    this.#rejections.length = 0;
    await this.#write(scene);
    await this.settled();
    if (this.#rejections.length > 0) throw new Error(`proxies rejected: ${JSON.stringify(this.#rejections)}`);
  }

  /** Waits until every proxy holds what it should and has put it to use. */
  async settled(): Promise<void> {
    const envoys = [...this.#members].map(async ([id, { envoy }]) => {
      await until(`${id} has acknowledged all`, () => this.#ads.isSynced(sidecarId(id)));
      await until(`${id} uses what it holds`, () => envoy.isSettled());
    });
    await Promise.all(envoys);
  }

  /** Where the application of an instance reaches one of its upstreams. */
  upstream(id: string, name: string): Place {
    const { registration } = this.member(id);
    return { address: registration.address, port: upstreamPort(registration, name) };
  }

  call(name: string, path = "/", options: CallOptions = {}, from = "web-1") {
    return call(this.upstream(from, name), path, options);
  }

  callHttp2(name: string, path = "/", options: CallOptions = {}, from = "web-1") {
    return callHttp2(this.upstream(from, name), path, options);
  }

  callGrpc(name: string, path = "/test.Service/Method", options: CallOptions = {}, from = "web-1") {
    return callGrpc(this.upstream(from, name), path, "hello", options);
  }

  callTcp(name: string, from = "web-1") {
    return callTcp(this.upstream(from, name));
  }

  /** How many of `count` requests each instance answered. */
  async shares(
    name: string,
    count: number,
    path = "/",
    options: CallOptions = {},
  ): Promise<Record<string, number>> {
    const shares: Record<string, number> = {};
    for (let i = 0; i < count; i++) {
      const { status, body } = await this.call(name, path, options);
      const answered = status === 200 ? body : String(status);
      shares[answered] = (shares[answered] ?? 0) + 1;
    }
    return shares;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      [...this.#members.values()].map(async ({ application, envoy }) => {
        await envoy[Symbol.asyncDispose]();
        await application[Symbol.asyncDispose]();
      }),
    );
    await this.#ads.close();
    await this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #add(registration: Registration): Promise<void> {
    const { id, service, address } = registration;
    const application = new Application(id, address, APPLICATION_PORT);
    await application.listen();
    const socket = join(this.folder, `${id}.sock`);
    await this.#ads.listen(socket, sidecarId(id));
    const admin = { address, port: ADMIN_PORT };
    const configuration = bootstrap({
      proxyId: sidecarId(id),
      service,
      datacenter: "dc1",
      trustDomain: this.server.mesh.trustDomain(),
      controlPlane: { kind: "socket", path: socket },
      admin,
      statsTags: [],
    });
    const envoy = Envoy.start(id, this.folder, configuration, admin);
    this.#members.set(id, { registration, application, envoy });
  }

  async #write(scene: Scene): Promise<void> {
    const entries = (scene.entries ?? []).map(entryOf);
    const members = [...this.#members.values()].filter(
      ({ registration }) => !scene.without?.includes(registration.id),
    );
    const instances = members.flatMap(({ registration }) => [
      instanceOf(registration),
      proxyOf(registration, scene.proxies?.[registration.id] ?? {}, scene.upstreams?.[registration.id] ?? {}),
    ]);
    const wanted = members.map(({ registration: { id, service } }) =>
      checkOf(id, service, scene.health?.[id] ?? "passing"),
    );
    await replaceAll(this.server, entries, instances, wanted);
  }
}

/** Makes the tables hold exactly these rows. */
async function replaceAll(
  { state }: Server,
  entries: readonly ConfigEntry[],
  instances: readonly ServiceInstance[],
  wanted: readonly HealthCheck[],
): Promise<void> {
  await state.transact((tx) => {
    const put = <Value extends object>(
      table: Parameters<typeof state.all<Value>>[0],
      keyOf: (value: Value) => string,
      values: readonly Value[],
    ) => {
      const keys = new Set(values.map(keyOf));
      for (const row of state.all(table)) if (!keys.has(keyOf(row))) tx.delete(table, keyOf(row));
      for (const value of values) {
        const known = state.get(table, keyOf(value));
        if (known === undefined || !isSame(known, value)) tx.put(table, keyOf(value), value);
      }
    };
    put(configEntries, configKey, entries);
    put(services, serviceKey, instances);
    put(checks, checkKey, wanted);
  });
}

function isSame<Value extends object>(
  { CreateIndex: _, ModifyIndex: __, ...known }: Row<Value>,
  value: Value,
): boolean {
  return JSON.stringify(known) === JSON.stringify(value);
}

function checkOf(id: string, service: string, Status: CheckStatus): HealthCheck {
  return {
    ...{ Node: "node", CheckID: `check-${id}`, Name: "test", Status, Notes: "", Output: "", Type: "ttl" },
    ...{ ServiceID: id, ServiceName: service },
  };
}

/** Addresses of this process alone, so that test files can run side by side. */
function loopback(host: number): string {
  return `127.${16 + ((process.pid >> 8) % 200)}.${process.pid & 255}.${host}`;
}
