import type { StreamObserver } from "./ads-server.ts";
import type { Rejection } from "./snapshot.ts";

export interface ProxyStatus {
  readonly connected: boolean;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly streams: number;
  /** The newest rejection; it stands until the proxy has taken what was sent in its place. */
  readonly rejection: (Rejection & { readonly time: number }) | null;
}

/** What is known of every proxy that has connected since the server's start. */
export class ProxyStatuses implements StreamObserver {
  readonly #statuses = new Map<string, ProxyStatus>();

  get(proxyId: string): ProxyStatus | null {
    return this.#statuses.get(proxyId) ?? null;
  }

  all(): [string, ProxyStatus][] {
    return [...this.#statuses];
  }

  connected(proxyId: string): void {
    const before = this.#statuses.get(proxyId);
    this.#statuses.set(proxyId, {
      connected: true,
      since: Date.now(),
      streams: (before?.streams ?? 0) + 1,
      rejection: null,
    });
  }

  accepted(proxyId: string): void {
    const before = this.#statuses.get(proxyId);
    if (before?.rejection) this.#statuses.set(proxyId, { ...before, rejection: null });
  }

  rejected(proxyId: string, rejection: Rejection): void {
    const before = this.#statuses.get(proxyId);
    if (before) this.#statuses.set(proxyId, { ...before, rejection: { ...rejection, time: Date.now() } });
  }

  disconnected(proxyId: string): void {
    const before = this.#statuses.get(proxyId);
    if (before) this.#statuses.set(proxyId, { ...before, connected: false, since: Date.now() });
  }
}
