import { chmod, rm } from "node:fs/promises";
import {
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceDefinition,
  status,
} from "@grpc/grpc-js";
import { effect } from "@preact/signals-core";
import { DeltaSession } from "./delta-session.ts";
import {
  decodeDeltaRequest,
  decodeSotwRequest,
  encodeDeltaResponse,
  encodeSotwResponse,
} from "./messages.ts";
import { kindOf, type Rejection, type Snapshot } from "./snapshot.ts";
import { SotwSession } from "./sotw-session.ts";

/** What becomes of a proxy's stream, for those who show it. */
export interface StreamObserver {
  connected(proxyId: string): void;
  rejected(proxyId: string, rejection: Rejection): void;
  disconnected(proxyId: string): void;
}

export interface AdsOptions {
  /** What a proxy should hold now: a cell, so that each stream follows its changes. Null while unknown. */
  readonly snapshot: (proxyId: string) => Snapshot | null;
  readonly observer: StreamObserver;
}

const FAMILY = "/envoy.service.discovery.v3.AggregatedDiscoveryService";
const REQUEST_LIMIT = 4 * 1024 * 1024;

type Wire = ServerDuplexStream<Buffer, Buffer>;

/** Hands every proxy its configuration, and each change of it, over Envoy's aggregated discovery service. */
export class AdsServer {
  readonly #options: AdsOptions;
  readonly #servers = new Map<string, Server>();
  /** What each connected proxy is told, by its id. */
  readonly #dialects = new Map<string, Dialect>();

  constructor(options: AdsOptions) {
    this.#options = options;
  }

  /**
   * Serves one proxy on a Unix socket of its own: whoever holds the socket is that proxy, and gets nothing
   * that is another's, whatever name it gives itself.
   */
  async listen(path: string, proxyId: string): Promise<void> {
    const server = new Server({
      "grpc.enable_channelz": 0,
      "grpc.max_receive_message_length": REQUEST_LIMIT,
      "grpc.keepalive_time_ms": 60_000,
    });
    server.addService(service(), {
      DeltaAggregatedResources: (wire: Wire) => this.#serve(wire, proxyId, deltaDialect()),
      StreamAggregatedResources: (wire: Wire) => this.#serve(wire, proxyId, sotwDialect()),
    });
    await rm(path, { force: true });
    await new Promise<void>((resolve, reject) =>
      server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      ),
    );
    await chmod(path, 0o600);
    this.#servers.set(path, server);
  }

  async forget(path: string): Promise<void> {
    this.#servers.get(path)?.forceShutdown();
    this.#servers.delete(path);
    await rm(path, { force: true });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#servers.keys()].map((path) => this.forget(path)));
  }

  /** Whether a proxy is connected and has acknowledged everything that it should hold now. */
  isSynced(proxyId: string): boolean {
    return this.#dialects.get(proxyId)?.isSynced ?? false;
  }

  #serve(wire: Wire, proxyId: string, dialect: Dialect): void {
    const { observer } = this.#options;
    let blocked = false;
    const flush = () => {
      for (
        let bytes = blocked ? null : dialect.next();
        bytes !== null;
        bytes = blocked ? null : dialect.next()
      ) {
        blocked = !wire.write(bytes);
      }
    };
    const stop = effect(() => {
      const snapshot = this.#options.snapshot(proxyId);
      if (snapshot === null) return;
      dialect.offer(snapshot);
      flush();
    });
    let open = true;
    const close = () => {
      if (!open) return;
      open = false;
      stop();
      if (this.#dialects.get(proxyId) === dialect) this.#dialects.delete(proxyId);
      observer.disconnected(proxyId);
    };
    this.#dialects.set(proxyId, dialect);
    observer.connected(proxyId);
    wire.on("drain", () => {
      blocked = false;
      flush();
    });
    wire.on("data", (bytes: Buffer) => {
      const outcome = received(dialect, bytes);
      if (outcome.kind === "refused")
        wire.emit("error", { code: status.INVALID_ARGUMENT, details: outcome.reason });
      if (outcome.kind === "rejected") observer.rejected(proxyId, outcome.rejection);
      flush();
    });
    wire.on("end", () => wire.end());
    for (const event of ["close", "cancelled", "error", "finish"]) wire.on(event, close);
  }
}

type Outcome =
  | { readonly kind: "taken" }
  | { readonly kind: "rejected"; readonly rejection: Rejection }
  | { readonly kind: "refused"; readonly reason: string };

/** One of the two variants of the protocol, between bytes and a session. */
interface Dialect {
  readonly isSynced: boolean;
  offer(snapshot: Snapshot): void;
  receive(bytes: Buffer): Outcome;
  next(): Buffer | null;
}

function deltaDialect(): Dialect {
  const session = new DeltaSession();
  return {
    get isSynced() {
      return session.isSynced;
    },
    offer: (snapshot) => session.offer(snapshot),
    next: () => {
      const response = session.next();
      return response && encodeDeltaResponse(response);
    },
    receive: (bytes) => {
      const request = decodeDeltaRequest(bytes);
      const kind = kindOf(request.typeUrl);
      if (kind === null) return unknownType(request.typeUrl);
      const rejection = session.receive({
        kind,
        subscribe: request.resourceNamesSubscribe,
        unsubscribe: request.resourceNamesUnsubscribe,
        initialVersions: request.initialResourceVersions,
        nonce: request.responseNonce,
        error: request.errorDetail?.message ?? null,
      });
      return rejection ? { kind: "rejected", rejection } : { kind: "taken" };
    },
  };
}

function sotwDialect(): Dialect {
  const session = new SotwSession();
  return {
    get isSynced() {
      return session.isSynced;
    },
    offer: (snapshot) => session.offer(snapshot),
    next: () => {
      const response = session.next();
      return response && encodeSotwResponse(response);
    },
    receive: (bytes) => {
      const request = decodeSotwRequest(bytes);
      const kind = kindOf(request.typeUrl);
      if (kind === null) return unknownType(request.typeUrl);
      const rejection = session.receive({
        kind,
        names: request.resourceNames,
        nonce: request.responseNonce,
        error: request.errorDetail?.message ?? null,
      });
      return rejection ? { kind: "rejected", rejection } : { kind: "taken" };
    },
  };
}

function received(dialect: Dialect, bytes: Buffer): Outcome {
  try {
    return dialect.receive(bytes);
  } catch {
    return { kind: "refused", reason: "the request is no discovery request of the v3 API" };
  }
}

function unknownType(typeUrl: string): Outcome {
  return { kind: "refused", reason: `no resources of type ${typeUrl} are served here` };
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
