/**
 * The one contract between Yurt and the engine that keeps its state: ordered keys, values as text, a
 * revision that grows by one with every commit, compare-and-set transactions and watches from a revision.
 * It is the part of etcd's v3 model that Yurt uses, so that etcd and SQLite can stand behind it alike.
 */

/** Grows by one with every commit. 0 means "before the first commit" and, of a key, "absent". */
export type Revision = number;

export interface Entry {
  readonly key: string;
  readonly value: string;
  readonly createRevision: Revision;
  readonly modRevision: Revision;
}

/** All of it happens at one revision, or nothing of it. */
export interface Transaction {
  /** The modification revision that each key must still have; 0 for a key that must be absent. */
  readonly compare: readonly { readonly key: string; readonly modRevision: Revision }[];
  readonly put: readonly { readonly key: string; readonly value: string }[];
  readonly delete: readonly string[];
}

export type CommitResult =
  | { readonly committed: true; readonly revision: Revision }
  | { readonly committed: false };

export type Change =
  | { readonly kind: "put"; readonly entry: Entry }
  | { readonly kind: "delete"; readonly key: string };

/** Everything that one commit changed. */
export interface ChangeSet {
  readonly revision: Revision;
  readonly changes: readonly Change[];
}

export interface Snapshot {
  readonly revision: Revision;
  readonly entries: readonly Entry[];
}

export interface Store {
  /** Every entry whose key starts with `prefix`, in key order, as of one revision. */
  range(prefix: string): Promise<Snapshot>;

  commit(transaction: Transaction): Promise<CommitResult>;

  /**
   * Every change set after revision `after`, in order, until `signal` aborts.
   * Throws {@link CompactedError} when the engine no longer holds the changes since `after`.
   */
  watch(after: Revision, signal: AbortSignal): AsyncIterable<ChangeSet>;

  close(): Promise<void>;
}

/** A commit that could not be written, and changed nothing; the reason in words for the operator. */
export class StoreWriteError extends Error {
  constructor(reason: string) {
    super(`the state could not be written, and nothing was changed: ${reason}`);
    this.name = "StoreWriteError";
  }
}

/** The changes that were asked for are no longer kept: read a range anew and watch from its revision. */
export class CompactedError extends Error {
  readonly oldest: Revision;

  constructor(oldest: Revision) {
    super(`the oldest change that is still kept has revision ${oldest}`);
    this.name = "CompactedError";
    this.oldest = oldest;
  }
}
