import { chmod, rm } from "node:fs/promises";
import {
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { effect } from "@preact/signals-core";
import { AdsStream, type Identity, type StreamOptions, type Wire } from "./ads-stream.ts";
import { deltaDialect, sotwDialect } from "./dialect.ts";

export type { StreamOptions as AdsOptions };

const FAMILY = "/envoy.service.discovery.v3.AggregatedDiscoveryService";
const REQUEST_LIMIT = 4 * 1024 * 1024;
/** The metadata in which Envoy sends its token, as Consul has it. */
const TOKEN = "x-consul-token";

/** Who a stream from an address may be for: what it calls itself, and the token that it shows. */
export type Identify = (nodeId: string, token: string) => Identity;

/** Hands every proxy its configuration, and each change of it, over Envoy's aggregated discovery service. */
export class AdsServer {
  readonly #options: StreamOptions;
  readonly #servers = new Map<string, Door>();
  /** The newest stream of each proxy that is connected. */
  readonly #streams = new Map<string, AdsStream>();
  /** By socket: stops what is made for its proxy beforehand. */
  readonly #expected = new Map<string, () => void>();

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  /** Whether a proxy is connected and has acknowledged everything that it should hold now. */
  isSynced(proxyId: string): boolean {
    return this.#streams.get(proxyId)?.isSynced ?? false;
  }

  /**
   * Serves one proxy on a Unix socket of its own: whoever holds the socket is that proxy, and gets nothing
   * that is another's, whatever name it gives itself.
   */
  async listen(path: string, proxyId: string): Promise<void> {
    await rm(path, { force: true });
    // While its Envoy starts, a proxy's certificate and all that it will ask for are made.
    const stop = effect(() => void this.#options.snapshot(proxyId));
    this.#expected.set(path, stop);
    await this.#bind(`unix:${path}`, ServerCredentials.createInsecure(), () => {
      // The stream that begins now follows the same cells itself.
      setImmediate(stop);
      return { kind: "proxy", id: proxyId };
    });
    await chmod(path, 0o600);
  }

  /** Serves the proxies that no job runs at an address; `identify` tells which one a stream is for. */
  async listenAt(
    host: string,
    port: number,
    credentials: ServerCredentials,
    identify: Identify,
    beside: Beside | null = null,
  ): Promise<void> {
    await this.#bind(`${host.includes(":") ? `[${host}]` : host}:${port}`, credentials, identify, beside);
  }

  async forget(path: string): Promise<void> {
    const door = this.#servers.get(`unix:${path}`);
    if (door) shut(door);
    this.#expected.get(path)?.();
    this.#expected.delete(path);
    this.#servers.delete(`unix:${path}`);
    await rm(path, { force: true });
  }

  async close(): Promise<void> {
    for (const [address, door] of this.#servers) {
      shut(door);
      if (address.startsWith("unix:")) await rm(address.slice("unix:".length), { force: true });
    }
    this.#servers.clear();
    for (const stop of this.#expected.values()) stop();
    this.#expected.clear();
  }

  async #bind(
    address: string,
    credentials: ServerCredentials,
    identify: Identify,
    beside: Beside | null = null,
  ): Promise<void> {
    const server = new Server({
      "grpc.enable_channelz": 0,
      "grpc.max_receive_message_length": REQUEST_LIMIT,
      "grpc.keepalive_time_ms": 60_000,
    });
    const wires = new Set<Wire>();
    const serve = (wire: Wire, dialect: ReturnType<typeof deltaDialect>) => {
      wires.add(wire);
      wire.once("close", () => wires.delete(wire));
      const [token = ""] = wire.metadata.get(TOKEN);
      const stream = new AdsStream(wire, dialect, this.#options, (nodeId) => {
        const identity = identify(nodeId, String(token));
        if (identity.kind === "proxy") this.#keep(identity.id, stream, wire);
        return identity;
      });
    };
    server.addService(service(), {
      DeltaAggregatedResources: (wire: Wire) => serve(wire, deltaDialect()),
      StreamAggregatedResources: (wire: Wire) => serve(wire, sotwDialect()),
    });
    if (beside !== null) server.addService(beside.service, beside.implementation);
    await new Promise<void>((resolve, reject) =>
      server.bindAsync(address, credentials, (error) => (error ? reject(error) : resolve())),
    );
    this.#servers.set(address, { server, wires });
  }

  #keep(proxyId: string, stream: AdsStream, wire: Wire): void {
    this.#streams.set(proxyId, stream);
    wire.once("close", () => {
      if (this.#streams.get(proxyId) === stream) this.#streams.delete(proxyId);
    });
  }
}

/** Another service at the same door. */
export interface Beside {
  readonly service: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

/** Where streams come in, and those that are open. */
interface Door {
  readonly server: Server;
  readonly wires: ReadonlySet<Wire>;
}

/** Ends the streams one by one: without channelz, `forceShutdown` of grpc-js forgets those that are open. */
function shut({ server, wires }: Door): void {
  for (const wire of [...wires])
    wire.emit("error", { code: status.UNAVAILABLE, details: "nothing is served here any more" });
  server.forceShutdown();
}

function service(): ServiceDefinition {
  const method = (name: string): MethodDefinition<Buffer, Buffer> => ({
    path: `${FAMILY}/${name}`,
    requestStream: true,
    responseStream: true,
    requestSerialize: (bytes) => bytes,
    requestDeserialize: (bytes) => bytes,
    responseSerialize: (bytes) => bytes,
    responseDeserialize: (bytes) => bytes,
  });
  return {
    DeltaAggregatedResources: method("DeltaAggregatedResources"),
    StreamAggregatedResources: method("StreamAggregatedResources"),
  };
}
