import { type ServerDuplexStream, status } from "@grpc/grpc-js";
import { effect } from "@preact/signals-core";
import type { Dialect } from "./dialect.ts";
import type { ResourceKind } from "./resource.ts";
import type { Rejection, Snapshot, Verdict } from "./snapshot.ts";

export type Wire = ServerDuplexStream<Buffer, Buffer>;

/** Who a stream is for, or why it is not served. */
export type Identity =
  | { readonly kind: "proxy"; readonly id: string }
  | { readonly kind: "refused"; readonly code: status; readonly reason: string };

/** What becomes of a proxy's stream, for those who show it. */
export interface StreamObserver {
  connected(proxyId: string): void;
  /** What the proxy should hold has changed. */
  offered(proxyId: string): void;
  /** A response of so many bytes went out. */
  pushed(proxyId: string, kind: ResourceKind, bytes: number): void;
  /** It took a response with resources of that kind. */
  accepted(proxyId: string, kind: ResourceKind): void;
  rejected(proxyId: string, rejection: Rejection): void;
  /** The proxy holds all that it should. `since`: when it last began to lack something, by performance.now(). */
  synced(proxyId: string, since: number): void;
  disconnected(proxyId: string): void;
}

export interface StreamOptions {
  /** What a proxy should hold now: a cell, so that each stream follows its changes. Null while unknown. */
  readonly snapshot: (proxyId: string, envoyVersion?: string) => Snapshot | null;
  readonly observer: Partial<StreamObserver>;
}

/** One proxy on the wire: what it says goes to its session, what the session has for it goes out. */
export class AdsStream {
  readonly #wire: Wire;
  readonly #dialect: Dialect;
  readonly #options: StreamOptions;
  readonly #identify: (nodeId: string) => Identity;
  #proxyId: string | null = null;
  #stop = () => {};
  #isBlocked = false;
  #isFlushing = false;
  #isClosed = false;
  /** When the proxy began to lack something; null while it lacks nothing. */
  #lacksSince: number | null = null;

  /** `identify` is asked with the name that the stream's first request gives. */
  constructor(wire: Wire, dialect: Dialect, options: StreamOptions, identify: (nodeId: string) => Identity) {
    this.#wire = wire;
    this.#dialect = dialect;
    this.#options = options;
    this.#identify = identify;
    wire.on("drain", () => {
      this.#isBlocked = false;
      this.#flush();
    });
    wire.on("data", (bytes: Buffer) => this.#receive(bytes));
    wire.on("end", () => wire.end());
    for (const event of ["close", "cancelled", "error", "finish"]) wire.on(event, () => this.#close());
  }

  get isSynced(): boolean {
    return !this.#isClosed && this.#proxyId !== null && this.#dialect.isSynced;
  }

  #receive(bytes: Buffer): void {
    if (this.#isClosed) return;
    const outcome = this.#dialect.receive(bytes);
    if (outcome.kind === "refused") {
      this.#refuse(status.INVALID_ARGUMENT, outcome.reason);
      return;
    }
    if (this.#proxyId === null) this.#begin(this.#identify(outcome.nodeId), outcome.envoyVersion);
    if (this.#proxyId === null) return;
    this.#tell(this.#proxyId, outcome.verdict);
    this.#flushSoon();
  }

  #tell(proxyId: string, verdict: Verdict | null): void {
    const { observer } = this.#options;
    if (verdict === null) return;
    if (verdict.rejection === null) observer.accepted?.(proxyId, verdict.kind);
    else observer.rejected?.(proxyId, verdict.rejection);
  }

  #begin(identity: Identity, envoyVersion: string): void {
    if (identity.kind === "refused") {
      this.#refuse(identity.code, identity.reason);
      return;
    }
    const { snapshot, observer } = this.#options;
    this.#proxyId = identity.id;
    this.#lacksSince = performance.now();
    observer.connected?.(identity.id);
    this.#stop = effect(() => {
      const wanted = snapshot(identity.id, envoyVersion);
      if (wanted === null) return;
      this.#dialect.offer(wanted);
      this.#lacksSince ??= performance.now();
      observer.offered?.(identity.id);
      this.#flush();
    });
  }

  /** Envoy asks for one thing at a time: what has come together is answered together. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(() => {
      this.#isFlushing = false;
      if (!this.#isClosed) this.#flush();
    });
  }

  #flush(): void {
    if (this.#proxyId === null) return;
    const { observer } = this.#options;
    while (!this.#isBlocked) {
      const response = this.#dialect.next();
      if (response === null) break;
      this.#isBlocked = !this.#wire.write(response.bytes);
      observer.pushed?.(this.#proxyId, response.kind, response.bytes.length);
    }
    if (this.#lacksSince === null || !this.#dialect.isSynced) return;
    observer.synced?.(this.#proxyId, this.#lacksSince);
    this.#lacksSince = null;
  }

  #refuse(code: status, details: string): void {
    this.#wire.emit("error", { code, details });
    this.#close();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stop();
    if (this.#proxyId !== null) this.#options.observer.disconnected?.(this.#proxyId);
  }
}

/** Tells several observers as one. */
export function observers(all: readonly Partial<StreamObserver>[]): StreamObserver {
  return {
    connected: (id) => {
      for (const one of all) one.connected?.(id);
    },
    offered: (id) => {
      for (const one of all) one.offered?.(id);
    },
    pushed: (id, kind, bytes) => {
      for (const one of all) one.pushed?.(id, kind, bytes);
    },
    accepted: (id, kind) => {
      for (const one of all) one.accepted?.(id, kind);
    },
    rejected: (id, rejection) => {
      for (const one of all) one.rejected?.(id, rejection);
    },
    synced: (id, since) => {
      for (const one of all) one.synced?.(id, since);
    },
    disconnected: (id) => {
      for (const one of all) one.disconnected?.(id);
    },
  };
}
