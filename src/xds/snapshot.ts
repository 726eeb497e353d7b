import { type Resource, type ResourceKind, TYPE_URL } from "./resource.ts";

/**
 * Everything that one proxy should hold now, in any order. What has not changed since the last snapshot is the
 * same object, so that two snapshots are compared without looking into their resources.
 */
export type Snapshot = readonly Resource[];

export const KINDS = Object.keys(TYPE_URL) as readonly ResourceKind[];

/** The resources of a snapshot by kind and name. */
export function byKind(snapshot: Snapshot): Readonly<Record<ResourceKind, ReadonlyMap<string, Resource>>> {
  const maps = Object.fromEntries(KINDS.map((kind) => [kind, new Map<string, Resource>()])) as Record<
    ResourceKind,
    Map<string, Resource>
  >;
  for (const resource of snapshot) maps[resource.kind].set(resource.name, resource);
  return maps;
}

/** Calls `changed` for each resource that stands in only one of two snapshots; a replaced one twice, the new last. */
export function compare(
  before: Snapshot,
  after: Snapshot,
  changed: (resource: Resource, isThere: boolean) => void,
): void {
  const length = Math.min(before.length, after.length);
  let first = 0;
  while (first < length && before[first] === after[first]) first++;
  let [lastBefore, lastAfter] = [before.length, after.length];
  while (lastBefore > first && lastAfter > first && before[lastBefore - 1] === after[lastAfter - 1]) {
    lastBefore--;
    lastAfter--;
  }
  for (let i = first; i < lastBefore; i++) changed(before[i] as Resource, false);
  for (let i = first; i < lastAfter; i++) changed(after[i] as Resource, true);
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

/** What a proxy said of a response with resources of one kind. `rejection`: null when it took it. */
export interface Verdict {
  readonly kind: ResourceKind;
  readonly rejection: Rejection | null;
}
