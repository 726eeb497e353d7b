import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServerCredentials } from "@grpc/grpc-js";
import type { ApiContext } from "#api/context.ts";
import { consulServer, listen, nomadServer } from "#api/servers.ts";
import { findEnvoy } from "#model/envoy-binary.ts";
import type { NodeId } from "#model/id.ts";
import type { Log } from "#model/log.ts";
import { ProxyTokens } from "#server/proxy-tokens.ts";
import { Server } from "#server/server.ts";
import { SqliteStore } from "#store/sqlite.ts";
import { AdsServer } from "#xds/ads-server.ts";
import { observers, type StreamObserver } from "#xds/ads-stream.ts";
import { ProxyResources } from "#xds/proxy-resources.ts";
import { ProxyStatuses } from "#xds/proxy-status.ts";
import { StreamMetrics } from "#xds/stream-metrics.ts";
import { startClient, startNode } from "./client.ts";
import { answerNames } from "./dns.ts";
import { byName, byToken, controlPlaneCredentials, operatorToken } from "./grpc-door.ts";
import { keyVault } from "./key-file.ts";
import { RoutedAccess } from "./link/routed-access.ts";
import { RpcServer } from "./link/rpc-server.ts";
import { serverMethods } from "./link/server-methods.ts";
import { ensureToken, readToken } from "./link/shared-secret.ts";
import { localLink } from "./local-link.ts";
import type { AgentOptions } from "./options.ts";
import { PeeringLinks } from "./peering/links.ts";
import { peeringMethods } from "./peering/wire.ts";
import { giveBackSpareMemory } from "./spare-memory.ts";
import { agentMetrics, pushTraces } from "./telemetry.ts";
import { Wan } from "./wan/wan.ts";

const LOOPBACK = "127.0.0.1";

/** What an agent says of itself when it is ready. */
export interface AgentSummary {
  readonly httpAddress: string;
  readonly consulHttpAddress: string;
  readonly dataDir: string;
  readonly envoy: string;
  readonly envoyVersion: string;
}

/** A server and a node in one process. */
export class Agent {
  readonly summary: AgentSummary;
  readonly #closing: readonly (() => Promise<void>)[];

  private constructor(summary: AgentSummary, closing: readonly (() => Promise<void>)[]) {
    this.summary = summary;
    this.#closing = closing;
  }

  /** Starts every part, in order; when one fails, those before it are stopped and nothing is left. */
  static async start(options: AgentOptions): Promise<Agent> {
    const closing: (() => Promise<void>)[] = [];
    try {
      const summary = await startParts(options, closing);
      return new Agent(summary, closing);
    } catch (error) {
      await closeAll(closing);
      throw error;
    }
  }

  /** Stops what was started, the last first. */
  async stop(): Promise<void> {
    await closeAll(this.#closing);
  }
}

async function startParts(options: AgentOptions, closing: (() => Promise<void>)[]): Promise<AgentSummary> {
  const { log } = options;
  const stopGivingBack = giveBackSpareMemory();
  closing.push(async () => stopGivingBack());
  const vault = keyVault(options.encryptKeyFile);
  const envoy = findEnvoy(options.envoyBinary);
  const dataDir = dataFolder(options, closing);
  const token = tokenOf(options, dataDir);
  if (options.role === "client") {
    await startClient(options, dataDir, envoy, token, closing);
    return {
      ...{ httpAddress: "none", consulHttpAddress: "none", dataDir, envoy: envoy ?? "not found" },
      envoyVersion: envoy === null ? "" : versionOf(envoy),
    };
  }
  const wan =
    options.wan &&
    new Wan(options.wan, { datacenter: options.datacenter, dataDir, vault, log: log.named("wan") });
  const store = new SqliteStore(join(dataDir, "server", "state.db"), { durable: options.dataDir !== null });
  const server = await Server.start(
    store,
    {
      datacenter: options.datacenter,
      defaultPolicy: options.defaultPolicy,
      leafLifetime: options.leafLifetime,
      vault,
      oidcIssuer: options.oidcIssuer,
      keyring: options.keyring,
      found: wan?.found ?? null,
      leafFailed: (proxy, error) => log.error("no certificate could be made", { proxy, error }),
    },
    log,
  );
  closing.push(() => server.close());

  const proxies = new ProxyStatuses();
  const resources = new ProxyResources(server.mesh, (proxy, { name, reason }) =>
    log.named("xds").error("an extension cannot be applied", { proxy, extension: name, reason }),
  );
  const metrics = agentMetrics(server.state, server.mesh, proxies);
  const traces = await pushTraces(options.version, log.named("xds"));
  if (traces !== null) closing.push(traces.close);
  const ads = new AdsServer({
    snapshot: resources.snapshot,
    observer: observers([
      proxies,
      rejectionLog(log.named("xds")),
      new StreamMetrics(metrics),
      ...(traces === null ? [] : [traces.observer]),
    ]),
  });
  closing.push(() => ads.close());

  const ports = { http: options.httpPort, consul: options.consulHttpPort };
  await assertFree(options.bind, ports.http, "-http-port");
  await assertFree(options.bind, ports.consul, "-consul-http-port");
  const links = new PeeringLinks(server, log.named("peering"));
  closing.push(async () => links.close());
  const openDoor = async () => {
    await assertFree(options.bind, options.grpcTlsPort, "-grpc-tls-port");
    const tokens = await ProxyTokens.open(server.state, vault);
    const { credentials, stop } = controlPlaneCredentials(server.mesh);
    closing.push(async () => stop());
    await ads.listenAt(options.bind, options.grpcTlsPort, credentials, byToken(server.state, tokens), {
      service: peeringMethods,
      implementation: links.methods,
    });
    return { tokens, operatorToken: operatorToken(join(dataDir, "server", "operator-token")) };
  };
  const plaintext = options.dev ? options.grpcPort : -1;
  if (plaintext > 0) {
    await assertFree(LOOPBACK, plaintext, "-grpc-port");
    await ads.listenAt(LOOPBACK, plaintext, ServerCredentials.createInsecure(), byName(server.state));
  }
  const tls = options.dev ? -1 : options.grpcTlsPort;
  const door = tls > 0 ? await openDoor() : null;
  const federation = wan?.federation(server) ?? null;
  if (federation !== null) closing.push(() => federation.close());
  const link = localLink(server, ads, federation);
  if (options.rpcPort > 0) {
    await assertFree(options.bind, options.rpcPort, "-rpc-port");
    const methods = serverMethods(link, server, ads, join(dataDir, "proxies"));
    const rpc = await RpcServer.start(options.bind, options.rpcPort, token, methods, log.named("rpc"));
    closing.push(() => rpc.close());
  }
  const node = options.role === "server" ? null : await startNode(options, dataDir, envoy, link);
  if (node !== null) closing.push(() => node.stop({ leaveRunning: false }));
  const access = new RoutedAccess(server, node && { id: node.node.ID, access: node.access }, token);
  closing.push(async () => access.close());
  await answerNames(server, federation, options, closing);
  const context: ApiContext = {
    server,
    federation,
    node: access,
    proxies,
    resources,
    door,
    links,
    metrics,
    log: log.named("http"),
    agent: {
      version: options.version,
      envoyVersion: envoy === null ? "" : versionOf(envoy),
      name: options.name,
      datacenter: options.datacenter,
      nodeId: node?.node.ID ?? ("" as NodeId),
      bind: options.bind,
      httpPort: ports.http,
      consulHttpPort: ports.consul,
      address: node?.node.Address ?? options.bind,
      grpc: { plaintext, tls },
      dev: options.dev,
      sidecarDriver: options.sidecarDriver,
    },
  };
  const consul = consulServer(context);
  if (wan !== null && options.wan !== null) {
    await assertFree(options.bind, options.wan.port, "-wan-port");
    const door = await wan.open(server, consul);
    closing.push(() => door.close());
    federation?.start();
  }
  for (const [app, port] of [
    [nomadServer(context), ports.http],
    [consul, ports.consul],
  ] as const) {
    await listen(app, options.bind, port);
    closing.push(() => app.close());
  }
  return {
    httpAddress: `http://${options.bind}:${ports.http}`,
    consulHttpAddress: `http://${options.bind}:${ports.consul}`,
    dataDir,
    envoy: envoy ?? "not found",
    envoyVersion: context.agent.envoyVersion,
  };
}

function tokenOf({ joinTokenFile, rpcPort, role }: AgentOptions, dataDir: string): string {
  if (joinTokenFile !== null) return readToken(joinTokenFile);
  return rpcPort > 0 && role !== "client" ? ensureToken(join(dataDir, "server", "join-token")) : "";
}

function dataFolder({ dataDir }: AgentOptions, closing: (() => Promise<void>)[]): string {
  if (dataDir !== null) {
    makeDataDir(dataDir);
    return dataDir;
  }
  const temporary = mkdtempSync(join(tmpdir(), "yurt-dev-"));
  closing.push(async () => rmSync(temporary, { recursive: true, force: true }));
  return temporary;
}

/** Shows at once whether state can be kept there. */
function makeDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const probe = join(dataDir, ".writable");
    writeFileSync(probe, "");
    rmSync(probe);
  } catch (error) {
    throw new Error(
      `-data-dir: no files can be written in ${dataDir}: ${(error as Error).message}. ` +
        "Name a folder of this user's, on a disk with room that is not read-only",
    );
  }
}

/** Said before anything is begun: a port that another agent has is the most common mistake. */
async function assertFree(bind: string, port: number, flag: string): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, bind);
    await once(server, "listening");
  } catch (error) {
    throw new Error(listenProblem((error as NodeJS.ErrnoException).code ?? "", bind, port, flag));
  } finally {
    server.close();
  }
}

function listenProblem(code: string, bind: string, port: number, flag: string): string {
  switch (code) {
    case "EADDRINUSE":
      return `${bind}:${port} is taken: is an agent running there already? Choose another port with ${flag}`;
    case "EACCES":
      return `no permission to listen on ${bind}:${port}. Choose a port above 1023 with ${flag}`;
    case "EADDRNOTAVAIL":
      return `this machine has no address ${bind}. Choose one of its own with -bind`;
    default:
      return `cannot listen on ${bind}:${port}: ${code}`;
  }
}

/** Rejections are told at once, in Envoy's own words; the last good configuration stays. */
function rejectionLog(log: Log): Partial<StreamObserver> {
  return {
    rejected: (proxy, { kind, names, message }) =>
      log.error("a proxy rejected its configuration and keeps what it had", {
        ...{ proxy, kind, message },
        names: names.join(","),
      }),
  };
}

function versionOf(envoy: string): string {
  const text = execFileSync(envoy, ["--version"], { encoding: "utf8", timeout: 10_000 });
  return /\/(\d+\.\d+\.\d+)[^/]*\//.exec(text)?.[1] ?? "";
}

async function closeAll(closing: readonly (() => Promise<void>)[]): Promise<void> {
  for (const close of closing.toReversed()) {
    try {
      await close();
    } catch (error) {
      process.stderr.write(`while stopping: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}
