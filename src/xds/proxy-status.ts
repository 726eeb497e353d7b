import type { StreamObserver } from "./ads-stream.ts";
import type { ResourceKind } from "./resource.ts";
import type { Rejection } from "./snapshot.ts";

export interface ProxyStatus {
  readonly connected: boolean;
  /** It has acknowledged, or rejected, the newest of all that it should hold. */
  readonly synced: boolean;
  /** When it connected or went, in milliseconds since 1970. */
  readonly since: number;
  readonly streams: number;
  /** The newest rejection; it stands until the proxy has taken what was sent in its place. */
  readonly rejection: (Rejection & { readonly time: number }) | null;
}

const NEW: ProxyStatus = { connected: false, synced: false, since: 0, streams: 0, rejection: null };

/** What is known of every proxy that has connected since the server's start. */
export class ProxyStatuses implements Partial<StreamObserver> {
  readonly #statuses = new Map<string, ProxyStatus>();

  get(proxyId: string): ProxyStatus | null {
    return this.#statuses.get(proxyId) ?? null;
  }

  all(): [string, ProxyStatus][] {
    return [...this.#statuses];
  }

  connected(proxyId: string): void {
    const streams = (this.get(proxyId)?.streams ?? 0) + 1;
    this.#statuses.set(proxyId, { ...NEW, connected: true, since: Date.now(), streams });
  }

  offered(proxyId: string): void {
    this.#update(proxyId, { synced: false });
  }

  accepted(proxyId: string, kind: ResourceKind): void {
    if (this.get(proxyId)?.rejection?.kind === kind) this.#update(proxyId, { rejection: null });
  }

  rejected(proxyId: string, rejection: Rejection): void {
    this.#update(proxyId, { rejection: { ...rejection, time: Date.now() } });
  }

  synced(proxyId: string): void {
    this.#update(proxyId, { synced: true });
  }

  disconnected(proxyId: string): void {
    this.#update(proxyId, { connected: false, synced: false, since: Date.now() });
  }

  #update(proxyId: string, change: Partial<ProxyStatus>): void {
    const before = this.#statuses.get(proxyId);
    if (before) this.#statuses.set(proxyId, { ...before, ...change });
  }
}
