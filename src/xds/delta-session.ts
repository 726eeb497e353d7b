import type { Resource, ResourceKind } from "./resource.ts";
import { isWildcardKind, KINDS, type Rejection, type Snapshot, snapshotOf } from "./snapshot.ts";

export interface DeltaRequest {
  readonly kind: ResourceKind;
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  /** On the first request after a reconnection: what the proxy still holds, with versions. */
  readonly initialVersions: Readonly<Record<string, string>>;
  readonly nonce: string;
  /** The proxy's reason, where it rejects the response with that nonce. */
  readonly error: string | null;
}

export interface DeltaResponse {
  readonly kind: ResourceKind;
  readonly nonce: string;
  readonly resources: readonly Resource[];
  readonly removed: readonly string[];
}

interface Subscription {
  wildcard: boolean;
  answered: boolean;
  readonly names: Set<string>;
  /** Version of each resource that was sent, or that the proxy came with. */
  readonly held: Map<string, string>;
  pending: { readonly nonce: string; readonly names: readonly string[] } | null;
}

/**
 * One proxy's side of the delta protocol, as a machine without clock or wire: it is told what the proxy
 * should hold and what the proxy says, and gives the next response to send.
 *
 * Follows the xDS protocol's "incremental" variant. New things are made before old ones are broken:
 * clusters, then their endpoints, then listeners and routes once those are acknowledged, removals of
 * clusters and endpoints last. One response of a kind is under way at a time, so that a slow proxy gets the
 * newest state and never a queue of old ones.
 */
export class DeltaSession {
  #snapshot: Snapshot | null = null;
  #nonce = 0;
  readonly #subscriptions = new Map<ResourceKind, Subscription>();

  /** From now on the proxy should hold exactly `snapshot`. */
  offer(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
  }

  receive(request: DeltaRequest): Rejection | null {
    const subscription = this.#subscription(request);
    for (const name of request.subscribe) {
      if (name === "*") subscription.wildcard = true;
      else {
        subscription.names.add(name);
        // Whoever subscribes again has lost what it held.
        if (!(name in request.initialVersions)) subscription.held.delete(name);
      }
    }
    for (const name of request.unsubscribe) {
      if (name === "*") subscription.wildcard = false;
      subscription.names.delete(name);
      subscription.held.delete(name);
    }
    if (subscription.pending === null || subscription.pending.nonce !== request.nonce) return null;
    const { names } = subscription.pending;
    subscription.pending = null;
    return request.error === null ? null : { kind: request.kind, names, message: request.error };
  }

  /** The next response to send, or null when there is none until something changes. */
  next(): DeltaResponse | null {
    return (
      this.#respond("cluster", { upserts: true }) ??
      this.#respond("endpoints", { upserts: true }) ??
      this.#respond("secret", { upserts: true, removals: true }) ??
      this.#respond("extension", { upserts: true, removals: true }) ??
      (this.#foundationsStand() ? this.#respond("listener", { upserts: true, removals: true }) : null) ??
      (this.#foundationsStand() ? this.#respond("route", { upserts: true, removals: true }) : null) ??
      (this.#isSettled("listener") && this.#isSettled("route") ? this.#respondWithRemovals() : null)
    );
  }

  /** Whether the proxy has acknowledged, or rejected, everything that it should hold. */
  get isSynced(): boolean {
    return this.#snapshot !== null && KINDS.every((kind) => this.#isSettled(kind));
  }

  #subscription(request: DeltaRequest): Subscription {
    const known = this.#subscriptions.get(request.kind);
    if (known) return known;
    const fresh: Subscription = {
      wildcard: isWildcardKind(request.kind) && request.subscribe.length === 0,
      answered: false,
      names: new Set(),
      held: new Map(Object.entries(request.initialVersions)),
      pending: null,
    };
    this.#subscriptions.set(request.kind, fresh);
    return fresh;
  }

  #respondWithRemovals(): DeltaResponse | null {
    return this.#respond("cluster", { removals: true }) ?? this.#respond("endpoints", { removals: true });
  }

  #respond(kind: ResourceKind, want: { upserts?: boolean; removals?: boolean }): DeltaResponse | null {
    const subscription = this.#subscriptions.get(kind);
    if (subscription === undefined || subscription.pending !== null || this.#snapshot === null) return null;
    const resources = want.upserts ? this.#upserts(kind, subscription) : [];
    const removed = want.removals ? this.#removals(kind, subscription) : [];
    const isFirst = isWildcardKind(kind) && want.upserts === true && !subscription.answered;
    if (resources.length === 0 && removed.length === 0 && !isFirst) return null;
    this.#nonce += 1;
    const nonce = String(this.#nonce);
    for (const { name, version } of resources) subscription.held.set(name, version);
    for (const name of removed) subscription.held.delete(name);
    subscription.answered = true;
    subscription.pending = { nonce, names: [...resources.map((resource) => resource.name), ...removed] };
    if (kind === "cluster") this.#forgetEndpoints(resources);
    return { kind, nonce, resources, removed };
  }

  /** A cluster that is replaced starts without endpoints: they must be sent again. */
  #forgetEndpoints(clusters: readonly Resource[]): void {
    const endpoints = this.#subscriptions.get("endpoints");
    for (const { name } of clusters) endpoints?.held.delete(name);
  }

  #upserts(kind: ResourceKind, subscription: Subscription): Resource[] {
    const available = this.#snapshot?.[kind] ?? snapshotOf([])[kind];
    const wanted = subscription.wildcard ? available.keys() : subscription.names;
    return [...wanted].flatMap((name) => {
      const resource = available.get(name);
      return resource === undefined || subscription.held.get(name) === resource.version ? [] : [resource];
    });
  }

  #removals(kind: ResourceKind, subscription: Subscription): string[] {
    return [...subscription.held.keys()].filter((name) => !this.#snapshot?.[kind].has(name));
  }

  #isSettled(kind: ResourceKind): boolean {
    const subscription = this.#subscriptions.get(kind);
    if (subscription === undefined) return true;
    return (
      subscription.pending === null &&
      this.#upserts(kind, subscription).length === 0 &&
      this.#removals(kind, subscription).length === 0
    );
  }

  /** Whether every cluster is acknowledged and has its endpoints, so that traffic may be sent there. */
  #foundationsStand(): boolean {
    const clusters = this.#subscriptions.get("cluster");
    const endpoints = this.#subscriptions.get("endpoints");
    const acknowledged = [clusters, endpoints].every(
      (subscription) => (subscription?.pending ?? null) === null,
    );
    if (!acknowledged || clusters === undefined) return acknowledged;
    const withEndpoints = [...(this.#snapshot?.endpoints.keys() ?? [])].filter((name) =>
      clusters.held.has(name),
    );
    return withEndpoints.every((name) => endpoints?.held.has(name));
  }
}
