import { hash } from "node:crypto";
import type { Resource, ResourceKind } from "./resource.ts";
import { isWildcardKind, type Snapshot, type Verdict } from "./snapshot.ts";

export interface SotwRequest {
  readonly kind: ResourceKind;
  /** Empty for "all of them", which only clusters and listeners can be asked for. */
  readonly names: readonly string[];
  readonly nonce: string;
  readonly error: string | null;
}

export interface SotwResponse {
  readonly kind: ResourceKind;
  readonly nonce: string;
  readonly version: string;
  readonly resources: readonly Resource[];
}

interface Subscription {
  names: ReadonlySet<string>;
  sent: string | null;
  pending: { readonly nonce: string; readonly names: readonly string[] } | null;
}

/** The order in which a proxy can take what it needs: what is named stands before what names it. */
const ORDER: readonly ResourceKind[] = ["cluster", "endpoints", "secret", "extension", "listener", "route"];

/**
 * One proxy's side of the state-of-the-world protocol: each response carries all resources of its kind.
 * Like {@link DeltaSession}, a machine without clock or wire.
 */
export class SotwSession {
  #snapshot: Snapshot | null = null;
  #nonce = 0;
  readonly #subscriptions = new Map<ResourceKind, Subscription>();

  offer(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
  }

  receive({ kind, names, nonce, error }: SotwRequest): Verdict | null {
    const subscription = this.#subscriptions.get(kind) ?? { names: new Set(), sent: null, pending: null };
    this.#subscriptions.set(kind, subscription);
    const { pending } = subscription;
    // An answer to an earlier response says nothing of what the proxy wants now.
    if (pending !== null && nonce !== pending.nonce) return null;
    subscription.names = new Set(names);
    subscription.pending = null;
    if (pending === null) return null;
    return { kind, rejection: error === null ? null : { kind, names: pending.names, message: error } };
  }

  next(): SotwResponse | null {
    for (const kind of ORDER) {
      const response = this.#respond(kind);
      if (response !== null) return response;
      if (this.#subscriptions.get(kind)?.pending && (kind === "cluster" || kind === "endpoints")) return null;
    }
    return null;
  }

  get isSynced(): boolean {
    return (
      this.#snapshot !== null &&
      [...this.#subscriptions].every(([kind, subscription]) => {
        return (
          subscription.pending === null && subscription.sent === this.#versionOf(kind, subscription).version
        );
      })
    );
  }

  #respond(kind: ResourceKind): SotwResponse | null {
    const subscription = this.#subscriptions.get(kind);
    if (subscription === undefined || subscription.pending !== null || this.#snapshot === null) return null;
    const { resources, version } = this.#versionOf(kind, subscription);
    if (version === subscription.sent || (resources.length === 0 && !isWildcardKind(kind))) return null;
    this.#nonce += 1;
    const nonce = String(this.#nonce);
    subscription.sent = version;
    subscription.pending = { nonce, names: resources.map((resource) => resource.name) };
    const endpoints = this.#subscriptions.get("endpoints");
    if (kind === "cluster" && endpoints) endpoints.sent = null;
    return { kind, nonce, version, resources };
  }

  #versionOf(kind: ResourceKind, { names }: Subscription): { resources: Resource[]; version: string } {
    const available = (this.#snapshot ?? []).filter((resource) => resource.kind === kind);
    const everything = names.size === 0 && isWildcardKind(kind);
    const resources = everything ? available : available.filter((resource) => names.has(resource.name));
    const content = resources.map((resource) => `${resource.name}\0${resource.version}`).sort();
    return { resources, version: hash("sha1", content.join("\0")).slice(0, 16) };
  }
}
