import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readOnce } from "../../../src/mesh/cells.ts";
import { proxyConfigOf } from "../../../src/model/config-entry/proxy-config.ts";
import type { Server } from "../../../src/server/server.ts";
import { AdsServer } from "../../../src/xds/ads-server.ts";
import { bootstrap } from "../../../src/xds/bootstrap.ts";
import type { FailedExtension } from "../../../src/xds/extensions/extend.ts";
import { ProxyResources } from "../../../src/xds/proxy-resources.ts";
import type { Rejection } from "../../../src/xds/snapshot.ts";
import { until } from "../../support/wait.ts";
import { Application } from "./application.ts";
import {
  type CallOptions,
  call,
  callGrpc,
  callHttp2,
  callTcp,
  holdTcp,
  type Place,
  upgrade,
} from "./client.ts";
import { Envoy } from "./envoy.ts";
import {
  APPLICATION_PORT,
  proxyId,
  type Registration,
  registrationsOf,
  type ServicePlan,
  upstreamPort,
} from "./registration.ts";
import { type Scene, writeScene } from "./scene.ts";
import { startServer, type TestServerOptions } from "./test-server.ts";

/** An instance with what stands around it. */
export interface Member {
  readonly registration: Registration;
  readonly application: Application;
  readonly envoy: Envoy;
}

const ADMIN_PORT = 19000;

/**
 * A mesh of real Envoys without jobs and namespaces: a server's state and mesh in this process, instances on
 * loopback addresses of their own. One set of Envoys serves many cases; each case says what holds in it.
 */
export class TestMesh implements AsyncDisposable {
  readonly server: Server;
  readonly folder: string;
  readonly #members = new Map<string, Member>();
  /** Instances of services outside of the mesh. */
  readonly #outside = new Map<string, Omit<Member, "envoy">>();
  readonly rejections: (Rejection & { readonly proxyId: string })[] = [];
  /** Extensions that could not be applied. */
  readonly failures: (FailedExtension & { readonly proxyId: string })[] = [];
  readonly #ads: AdsServer;
  readonly #resources: ProxyResources;

  private constructor(server: Server, folder: string) {
    this.server = server;
    this.folder = folder;
    this.#resources = new ProxyResources(server.mesh, (proxyId, failure) =>
      this.failures.push({ proxyId, ...failure }),
    );
    this.#ads = new AdsServer({
      snapshot: this.#resources.snapshot,
      observer: {
        connected: () => {},
        disconnected: () => {},
        rejected: (proxyId, rejection) => this.rejections.push({ proxyId, ...rejection }),
      },
    });
  }

  /** `addressOf` gives the address of the nth instance, from 1. */
  static async start(
    plans: readonly ServicePlan[],
    { addressOf = loopback, ...options }: TestServerOptions & { addressOf?: (host: number) => string } = {},
  ): Promise<TestMesh> {
    const folder = mkdtempSync(join(tmpdir(), "yurt-mesh-"));
    const server = await startServer(join(folder, "state.db"), options);
    const mesh = new TestMesh(server, folder);
    await Promise.all(registrationsOf(plans, addressOf).map((one) => mesh.#add(one)));
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
    return (this.#outside.get(id) ?? this.member(id)).application;
  }

  /** Makes exactly this hold, and returns when every proxy has taken it and uses it. */
  async scene(scene: Scene): Promise<void> {
    for (const { application } of this.#all()) application.reset();
    await this.change(scene);
  }

  /** The same, but what the applications have received stays. */
  async change(scene: Scene): Promise<void> {
    this.rejections.length = 0;
    await this.write(scene);
    await this.settled();
    if (this.rejections.length > 0) throw new Error(`proxies rejected: ${JSON.stringify(this.rejections)}`);
  }

  /** Makes exactly this hold, and does not wait for any proxy. */
  async write(scene: Scene): Promise<void> {
    const registrations = this.#all().map(({ registration }) => registration);
    await writeScene(this.server.state, registrations, scene);
  }

  /** Waits until every proxy holds what it should and has put it to use. */
  async settled(): Promise<void> {
    const envoys = [...this.#members].map(async ([id, { envoy, registration }]) => {
      await until(`${id} has the certificates that it needs`, () => this.#hasCertificates(registration));
      await until(`${id} has acknowledged all`, () => this.#ads.isSynced(proxyId(registration)));
      await until(`${id} uses what it holds`, () => envoy.isSettled());
    });
    await Promise.all(envoys);
  }

  /** A proxy that is taken out of the catalog needs none. */
  #hasCertificates(registration: Registration): boolean {
    const id = proxyId(registration);
    const { mesh } = this.server;
    return readOnce(() => {
      const isRegistered = (mesh.sidecar(id) ?? mesh.gateways.of(id)) !== null;
      return !isRegistered || this.#resources.snapshot(id) !== null;
    });
  }

  /** A port of a gateway. */
  gateway(id: string, port: number): Place {
    return { address: this.member(id).registration.address, port };
  }

  /** From now on the proxy of an instance hears nothing more, and goes on with what it holds. */
  async cutOff(id: string): Promise<void> {
    await this.#ads.forget(this.#socketOf(id));
  }

  #socketOf(id: string): string {
    return join(this.folder, `${id}.sock`);
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

  /** Keeps a connection open until it is told to close it. */
  holdTcp(name: string, from = "web-1") {
    return holdTcp(this.upstream(from, name));
  }

  /** A request to any port of an instance's address. */
  callAt(id: string, port: number, path = "/", options: CallOptions = {}) {
    return call({ address: this.member(id).registration.address, port }, path, options);
  }

  /** What comes back on a connection that was upgraded as a websocket's is. */
  upgrade(name: string, from = "web-1"): Promise<string> {
    return upgrade(this.upstream(from, name));
  }

  /** A request to a socket in the file system. */
  callSocket(path: string) {
    return call({ path }, "/");
  }

  until = until;

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
    await Promise.all(this.#outside.values().map(({ application }) => application[Symbol.asyncDispose]()));
    await this.#ads.close();
    await this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #all(): Omit<Member, "envoy">[] {
    return [...this.#members.values(), ...this.#outside.values()];
  }

  async #add(registration: Registration): Promise<void> {
    const { id, service, address, outside, within, runner, threads } = registration;
    const application = new Application(id, address, APPLICATION_PORT);
    if (within === null) await application.listen();
    if (outside) {
      this.#outside.set(id, { registration, application });
      return;
    }
    const socket = this.#socketOf(id);
    await this.#ads.listen(socket, proxyId(registration));
    const admin = { address, port: ADMIN_PORT };
    const adminSocket = join(this.folder, `${id}.admin.sock`);
    const configuration = bootstrap({
      proxyId: proxyId(registration),
      service,
      datacenter: "dc1",
      trustDomain: this.server.mesh.trustDomain(),
      controlPlane: { kind: "socket", path: socket },
      admin,
      ...(within && { adminSocket }),
      statsTags: [],
      config: proxyConfigOf(registration.config),
    });
    const command =
      within === null
        ? runner
        : [
            ...["ip", "netns", "exec", within.namespace],
            ...["setpriv", "--regid", String(within.group), "--clear-groups"],
          ];
    const place = within === null ? admin : { path: adminSocket };
    const envoy = Envoy.start(id, this.folder, configuration, place, { command, threads });
    this.#members.set(id, { registration, application, envoy });
  }
}

/** Addresses of this process alone, so that test files can run side by side. */
function loopback(host: number): string {
  return `127.${16 + ((process.pid >> 8) % 200)}.${process.pid & 255}.${host}`;
}
