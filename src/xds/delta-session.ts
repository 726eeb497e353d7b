import type { Resource, ResourceKind } from "./resource.ts";
import { compare, isWildcardKind, KINDS, type Snapshot, type Verdict } from "./snapshot.ts";

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

/** One kind of resource: what the proxy should hold of it, and what it asked for and was sent. */
interface Shelf {
  readonly wanted: Map<string, Resource>;
  /** Names in `wanted` that it should hold no longer, once it has taken clusters that do without them. */
  readonly leaving: Set<string>;
  /** Names whose resource may differ from what the proxy holds. All others are known not to. */
  readonly dirty: Set<string>;
  /** Null until the proxy has asked for anything of this kind. */
  subscription: Subscription | null;
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
 * clusters, endpoints and secrets last. One response of a kind is under way at a time, so that a slow proxy gets the
 * newest state and never a queue of old ones. What a change costs depends on what it changes, not on how
 * much the proxy holds.
 */
export class DeltaSession {
  #snapshot: Snapshot | null = null;
  #nonce = 0;
  readonly #shelves = new Map<ResourceKind, Shelf>(
    KINDS.map((kind) => [
      kind,
      { wanted: new Map(), leaving: new Set(), dirty: new Set(), subscription: null },
    ]),
  );

  /** From now on the proxy should hold exactly `snapshot`. */
  offer(snapshot: Snapshot): void {
    compare(this.#snapshot ?? [], snapshot, (resource, isThere) => {
      const { wanted, leaving, dirty } = this.#shelf(resource.kind);
      if (isThere) wanted.set(resource.name, resource);
      else if (!isNeededByClusters(resource.kind)) wanted.delete(resource.name);
      if (isThere || !isNeededByClusters(resource.kind)) {
        leaving.delete(resource.name);
        dirty.add(resource.name);
      } else leaving.add(resource.name);
    });
    this.#snapshot = snapshot;
  }

  /** Takes in what the proxy says; gives what it said of an earlier response, if it did. */
  receive(request: DeltaRequest): Verdict | null {
    const { kind, nonce, error } = request;
    const shelf = this.#shelf(kind);
    shelf.subscription ??= newSubscription(shelf, request);
    const { subscription, dirty } = shelf;
    for (const name of request.subscribe) {
      if (name === "*") subscription.wildcard = true;
      else subscription.names.add(name);
      // Whoever subscribes again has lost what it held.
      if (!(name in request.initialVersions)) subscription.held.delete(name);
      for (const each of name === "*" ? shelf.wanted.keys() : [name]) dirty.add(each);
    }
    for (const name of request.unsubscribe) {
      if (name === "*") subscription.wildcard = false;
      subscription.names.delete(name);
      subscription.held.delete(name);
    }
    if (subscription.pending === null || subscription.pending.nonce !== nonce) return null;
    const { names } = subscription.pending;
    subscription.pending = null;
    return { kind, rejection: error === null ? null : { kind, names, message: error } };
  }

  /** The next response to send, or null when there is none until something changes. */
  next(): DeltaResponse | null {
    return (
      this.#respond("cluster", { upserts: true }) ??
      this.#respond("endpoints", { upserts: true }) ??
      this.#respond("secret", { upserts: true }) ??
      this.#respond("extension", { upserts: true, removals: true }) ??
      this.#respondWithTraffic() ??
      this.#respondWithRemovals()
    );
  }

  /** Whether the proxy has acknowledged, or rejected, everything that it should hold. */
  get isSynced(): boolean {
    return (
      this.#snapshot !== null &&
      KINDS.every((kind) => this.#isSettled(kind) && this.#shelf(kind).leaving.size === 0)
    );
  }

  #shelf(kind: ResourceKind): Shelf {
    return this.#shelves.get(kind) as Shelf;
  }

  /** What sends traffic to clusters comes when they stand. */
  #respondWithTraffic(): DeltaResponse | null {
    const isDue = (["listener", "route"] as const).some((kind) => this.#mayRespond(kind));
    if (!isDue || !this.#foundationsStand()) return null;
    return (
      this.#respond("listener", { upserts: true, removals: true }) ??
      this.#respond("route", { upserts: true, removals: true })
    );
  }

  #respondWithRemovals(): DeltaResponse | null {
    const isDue = (["cluster", "endpoints", "secret"] as const).some(
      (kind) => this.#mayRespond(kind) || this.#shelf(kind).leaving.size > 0,
    );
    if (!isDue || !this.#isSettled("listener") || !this.#isSettled("route")) return null;
    const response = this.#respond("cluster", { removals: true });
    if (response !== null || !this.#isSettled("cluster")) return response;
    for (const kind of NEEDED_BY_CLUSTERS) this.#letGo(this.#shelf(kind));
    return this.#respond("endpoints", { removals: true }) ?? this.#respond("secret", { removals: true });
  }

  /**
   * A proxy acknowledges a cluster only when it has all that belongs to it: that must still be there when it is no
   * longer wanted, or the proxy would wait for it and take nothing else any more.
   */
  #letGo({ wanted, leaving, dirty }: Shelf): void {
    for (const name of leaving) {
      wanted.delete(name);
      dirty.add(name);
    }
    leaving.clear();
  }

  /** Whether something may be left to send, and nothing is under way. */
  #mayRespond(kind: ResourceKind): boolean {
    const { subscription, dirty } = this.#shelf(kind);
    if (this.#snapshot === null || subscription === null || subscription.pending !== null) return false;
    return dirty.size > 0 || (isWildcardKind(kind) && !subscription.answered);
  }

  #respond(kind: ResourceKind, want: { upserts?: boolean; removals?: boolean }): DeltaResponse | null {
    const shelf = this.#shelf(kind);
    const { subscription } = shelf;
    if (subscription === null || !this.#mayRespond(kind)) return null;
    const { upserts, removals } = differences(shelf, subscription);
    const resources = want.upserts ? upserts : [];
    const removed = want.removals ? removals : [];
    const isFirst = isWildcardKind(kind) && want.upserts === true && !subscription.answered;
    if (resources.length === 0 && removed.length === 0 && !isFirst) return null;
    for (const { name, version } of resources) subscription.held.set(name, version);
    for (const name of removed) subscription.held.delete(name);
    for (const name of [...resources.map((resource) => resource.name), ...removed]) shelf.dirty.delete(name);
    this.#nonce += 1;
    const nonce = String(this.#nonce);
    subscription.answered = true;
    subscription.pending = { nonce, names: [...resources.map((resource) => resource.name), ...removed] };
    if (kind === "cluster") this.#forgetEndpoints(resources);
    return { kind, nonce, resources, removed };
  }

  /** A cluster that is replaced starts without endpoints: they must be sent again. */
  #forgetEndpoints(clusters: readonly Resource[]): void {
    const { subscription, dirty } = this.#shelf("endpoints");
    for (const { name } of clusters) if (subscription?.held.delete(name)) dirty.add(name);
  }

  #isSettled(kind: ResourceKind): boolean {
    const shelf = this.#shelf(kind);
    const { subscription } = shelf;
    if (subscription === null) return true;
    if (subscription.pending !== null) return false;
    if (shelf.dirty.size === 0) return true;
    const { upserts, removals } = differences(shelf, subscription);
    return upserts.length === 0 && removals.length === 0;
  }

  /** Whether every cluster is acknowledged and has its endpoints, so that traffic may be sent there. */
  #foundationsStand(): boolean {
    const [clusters, endpoints] = [this.#shelf("cluster").subscription, this.#shelf("endpoints")];
    const { subscription, wanted, leaving } = endpoints;
    if ((clusters?.pending ?? null) !== null || (subscription?.pending ?? null) !== null) return false;
    if (clusters === null) return true;
    return wanted
      .keys()
      .every(
        (name) => leaving.has(name) || !clusters.held.has(name) || subscription?.held.has(name) === true,
      );
  }
}

const NEEDED_BY_CLUSTERS = ["endpoints", "secret"] as const;

function isNeededByClusters(kind: ResourceKind): boolean {
  return NEEDED_BY_CLUSTERS.some((each) => each === kind);
}

function newSubscription(shelf: Shelf, { kind, subscribe, initialVersions }: DeltaRequest): Subscription {
  const held = new Map(Object.entries(initialVersions));
  for (const name of [...shelf.wanted.keys(), ...held.keys()]) shelf.dirty.add(name);
  const wildcard = isWildcardKind(kind) && subscribe.length === 0;
  return { wildcard, answered: false, names: new Set(), held, pending: null };
}

/** What of the dirty names the proxy lacks, and what it holds too much. Names of which nothing is true are clean. */
function differences(
  { wanted, dirty }: Shelf,
  { wildcard, names, held }: Subscription,
): { upserts: Resource[]; removals: string[] } {
  const [upserts, removals]: [Resource[], string[]] = [[], []];
  for (const name of dirty) {
    const resource = wanted.get(name);
    if (resource === undefined) {
      if (held.has(name)) removals.push(name);
      else dirty.delete(name);
    } else if ((wildcard || names.has(name)) && held.get(name) !== resource.version) upserts.push(resource);
    else dirty.delete(name);
  }
  return { upserts, removals };
}
