import { chmodSync, closeSync, fdatasync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { Broadcast } from "./broadcast.ts";
import {
  type Change,
  type ChangeSet,
  type CommitResult,
  type Entry,
  type Revision,
  type Snapshot,
  type Store,
  StoreWriteError,
  type Transaction,
} from "./store.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS entry (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    create_revision INTEGER NOT NULL,
    mod_revision INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS revision (one INTEGER PRIMARY KEY CHECK (one = 1), value INTEGER NOT NULL);
  INSERT OR IGNORE INTO revision VALUES (1, 0);
`;

const reachDisk = promisify(fdatasync);

/**
 * Pages of 4 KiB that the log grows to before SQLite brings them into the database. It does so within a commit, and
 * waits for the disk: seldom, then, rather than at the thousand pages that a few hundred jobs make.
 */
const LONGEST_LOG = 8192;

/** https://www.sqlite.org/rescode.html#full */
const SQLITE_FULL = 13;

/** Keys are text without control characters, so that this is above every key with a given prefix. */
const LAST = "\u{10FFFF}";

/** Commits that reach the disk together. */
interface Batch {
  /** The revision before the first of them. */
  readonly before: Revision;
  readonly written: Promise<void>;
  failure: StoreWriteError | null;
}

/**
 * The store of one server: a file that only its owner can read. Commits are durable when they return and
 * when they are told to watchers. SQLite itself would wait for the disk at each commit (synchronous FULL), and the
 * agent with it: here what is committed while the disk is at work is one transaction of SQLite's, with one wait for
 * the disk beside other work.
 */
export class SqliteStore implements Store {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #broadcast: Broadcast;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #isDurable: boolean;
  /** SQLite's write-ahead log, to which it appends every transaction. */
  readonly #log: number;
  #revision: Revision;
  /** Takes in further commits. */
  #batch: Batch | null = null;
  #lastWritten: Promise<void> = Promise.resolve();

  constructor(path: string, options: { readonly durable: boolean } = { durable: true }) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#database = new DatabaseSync(path, { timeout: 5000 });
    chmodSync(path, 0o600);
    this.#database.exec("PRAGMA journal_mode = WAL");
    this.#database.exec(`PRAGMA synchronous = ${options.durable ? "NORMAL" : "OFF"}`);
    this.#database.exec("PRAGMA locking_mode = EXCLUSIVE");
    this.#database.exec(`PRAGMA wal_autocheckpoint = ${LONGEST_LOG}`);
    this.#database.exec(SCHEMA);
    this.#statements = prepare(this.#database);
    this.#revision = Number(this.#statements.revision.get()?.["value"] ?? 0);
    this.#broadcast = new Broadcast(this.#revision);
    this.#isDurable = options.durable;
    this.#log = openSync(`${path}-wal`, "r");
    if (options.durable) syncFolder(dirname(path));
  }

  async range(prefix: string): Promise<Snapshot> {
    while (this.#batch !== null) await settled(this.#batch.written);
    const rows = this.#statements.range.all(prefix, prefix + LAST);
    return { revision: this.#revision, entries: rows.map(entryOf) };
  }

  async commit(transaction: Transaction): Promise<CommitResult> {
    if (!this.#holds(transaction)) return { committed: false };
    this.#batch ??= this.#begin();
    const batch = this.#batch;
    const changeSet = this.#apply(transaction, batch);
    await batch.written;
    this.#broadcast.publish(changeSet);
    return { committed: true, revision: changeSet.revision };
  }

  watch(after: Revision, signal: AbortSignal): AsyncIterable<ChangeSet> {
    return this.#broadcast.watch(after, signal);
  }

  async close(): Promise<void> {
    await this.#lastWritten;
    this.#broadcast.close();
    this.#database.close();
    closeSync(this.#log);
  }

  #begin(): Batch {
    try {
      this.#statements.begin.run();
    } catch (error) {
      throw this.#writeError(error);
    }
    // It is closed when those before it are on the disk.
    const written = this.#lastWritten.then(() => this.#finish(batch));
    const batch: Batch = { before: this.#revision, written, failure: null };
    this.#lastWritten = settled(written);
    return batch;
  }

  /** Nothing awaits from here until all is applied: one process writes, and no commit can come between. */
  #holds({ compare }: Transaction): boolean {
    return compare.every(
      ({ key, modRevision }) => Number(this.#statements.get.get(key)?.["mod_revision"] ?? 0) === modRevision,
    );
  }

  #apply(transaction: Transaction, batch: Batch): ChangeSet {
    const revision = this.#revision + 1;
    try {
      const changes = this.#write(transaction, revision);
      this.#revision = revision;
      return { revision, changes };
    } catch (error) {
      throw this.#undo(batch, error);
    }
  }

  async #finish(batch: Batch): Promise<void> {
    if (!this.#isDurable) await new Promise((resolve) => setImmediate(resolve));
    if (batch.failure !== null) throw batch.failure;
    this.#batch = null;
    try {
      this.#statements.advance.run(this.#revision);
      this.#statements.commit.run();
    } catch (error) {
      throw this.#undo(batch, error);
    }
    if (this.#isDurable) await this.#sync();
  }

  async #sync(): Promise<void> {
    try {
      await reachDisk(this.#log);
    } catch (error) {
      throw this.#writeError(error);
    }
  }

  /** None of the batch has happened. */
  #undo(batch: Batch, error: unknown): StoreWriteError {
    // SQLite has rolled back by itself when the disk was the reason.
    if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
    this.#revision = batch.before;
    this.#batch = null;
    batch.failure = this.#writeError(error);
    return batch.failure;
  }

  #writeError(error: unknown): StoreWriteError {
    const { errcode, message } = error as { readonly errcode?: number; readonly message: string };
    const full = `the disk is full; free some room where ${this.#path} is`;
    return new StoreWriteError(errcode === SQLITE_FULL ? full : `${this.#path}: ${message}`);
  }

  #write(transaction: Transaction, revision: Revision): Change[] {
    const changes: Change[] = [];
    for (const key of transaction.delete) {
      if (this.#statements.delete.run(key).changes > 0) changes.push({ kind: "delete", key });
    }
    for (const { key, value } of transaction.put) {
      const createRevision = Number(
        this.#statements.put.get(key, value, revision, revision)?.["create_revision"],
      );
      changes.push({ kind: "put", entry: { key, value, createRevision, modRevision: revision } });
    }
    return changes;
  }
}

function settled(written: Promise<void>): Promise<void> {
  return written.catch(() => {});
}

/** So that the names of new files in it outlast a failure of the power as well. */
function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  fsyncSync(folder);
  closeSync(folder);
}

function prepare(database: DatabaseSync) {
  return {
    begin: database.prepare("BEGIN IMMEDIATE"),
    commit: database.prepare("COMMIT"),
    revision: database.prepare("SELECT value FROM revision"),
    advance: database.prepare("UPDATE revision SET value = ?"),
    range: database.prepare("SELECT * FROM entry WHERE key >= ? AND key < ? ORDER BY key"),
    get: database.prepare("SELECT mod_revision FROM entry WHERE key = ?"),
    delete: database.prepare("DELETE FROM entry WHERE key = ?"),
    put: database.prepare(`
      INSERT INTO entry VALUES (?, ?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET value = excluded.value, mod_revision = excluded.mod_revision
      RETURNING create_revision`),
  };
}

function entryOf(row: Record<string, unknown>): Entry {
  return {
    key: String(row["key"]),
    value: String(row["value"]),
    createRevision: Number(row["create_revision"]),
    modRevision: Number(row["mod_revision"]),
  };
}
