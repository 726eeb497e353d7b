import { type Resource, type ResourceKind, TYPE_URL } from "./resource.ts";

/** Everything that one proxy should hold now, by kind and name. */
export type Snapshot = Readonly<Record<ResourceKind, ReadonlyMap<string, Resource>>>;

export const KINDS = Object.keys(TYPE_URL) as readonly ResourceKind[];

export function snapshotOf(resources: Iterable<Resource>): Snapshot {
  const snapshot: Record<ResourceKind, Map<string, Resource>> = {
    secret: new Map(),
    cluster: new Map(),
    endpoints: new Map(),
    extension: new Map(),
    listener: new Map(),
    route: new Map(),
  };
  for (const resource of resources) snapshot[resource.kind].set(resource.name, resource);
  return snapshot;
}

export function kindOf(typeUrl: string): ResourceKind | null {
  return KINDS.find((kind) => TYPE_URL[kind] === typeUrl) ?? null;
}

/** A proxy asks for these as a whole; for the others it names what it needs. */
export function isWildcardKind(kind: ResourceKind): boolean {
  return kind === "cluster" || kind === "listener";
}

/** What a proxy would not take, in its own words. It keeps what it had. */
export interface Rejection {
  readonly kind: ResourceKind;
  readonly names: readonly string[];
  readonly message: string;
}
