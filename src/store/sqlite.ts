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

/** https://www.sqlite.org/rescode.html#full */
const SQLITE_FULL = 13;

/** Keys are text without control characters, so that this is above every key with a given prefix. */
const LAST = "\u{10FFFF}";

/**
 * The store of one server: a file that only its owner can read. Commits are durable when they return and
 * when they are told to watchers. SQLite itself would wait for the disk at each commit (synchronous FULL), and the
 * agent with it: here it writes its log, and one wait beside other work serves all commits that came before it.
 */
export class SqliteStore implements Store {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #broadcast: Broadcast;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #isDurable: boolean;
  /** SQLite's write-ahead log, to which it appends every commit. */
  readonly #log: number;
  #revision: Revision;
  #waiting: Promise<void> = Promise.resolve();
  #nextWait: Promise<void> | null = null;

  constructor(path: string, options: { readonly durable: boolean } = { durable: true }) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#database = new DatabaseSync(path, { timeout: 5000 });
    chmodSync(path, 0o600);
    this.#database.exec("PRAGMA journal_mode = WAL");
    this.#database.exec(`PRAGMA synchronous = ${options.durable ? "NORMAL" : "OFF"}`);
    this.#database.exec("PRAGMA locking_mode = EXCLUSIVE");
    this.#database.exec(SCHEMA);
    this.#statements = prepare(this.#database);
    this.#revision = Number(this.#statements.revision.get()?.["value"] ?? 0);
    this.#broadcast = new Broadcast(this.#revision);
    this.#isDurable = options.durable;
    this.#log = openSync(`${path}-wal`, "r");
    if (options.durable) syncFolder(dirname(path));
  }

  async range(prefix: string): Promise<Snapshot> {
    const rows = this.#statements.range.all(prefix, prefix + LAST);
    return { revision: this.#revision, entries: rows.map(entryOf) };
  }

  async commit(transaction: Transaction): Promise<CommitResult> {
    const changeSet = this.#apply(transaction);
    if (changeSet === null) return { committed: false };
    await this.#written();
    this.#broadcast.publish(changeSet);
    return { committed: true, revision: changeSet.revision };
  }

  watch(after: Revision, signal: AbortSignal): AsyncIterable<ChangeSet> {
    return this.#broadcast.watch(after, signal);
  }

  async close(): Promise<void> {
    await this.#nextWait;
    this.#broadcast.close();
    this.#database.close();
    closeSync(this.#log);
  }

  /** Resolves when all that is committed by now is on the disk, in the order of the calls. */
  #written(): Promise<void> {
    this.#nextWait ??= this.#waiting.then(() => {
      this.#nextWait = null;
      this.#waiting = this.#isDurable ? this.#sync() : new Promise((resolve) => setImmediate(resolve));
      return this.#waiting;
    });
    return this.#nextWait;
  }

  async #sync(): Promise<void> {
    try {
      await reachDisk(this.#log);
    } catch (error) {
      throw this.#writeError(error);
    }
  }

  /** Nothing awaits in here: one process writes, and no commit can come between compare and put. */
  #apply(transaction: Transaction): ChangeSet | null {
    for (const { key, modRevision } of transaction.compare) {
      if (Number(this.#statements.get.get(key)?.["mod_revision"] ?? 0) !== modRevision) return null;
    }
    const revision = this.#revision + 1;
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      const changes = this.#write(transaction, revision);
      this.#statements.advance.run(revision);
      this.#database.exec("COMMIT");
      this.#revision = revision;
      return { revision, changes };
    } catch (error) {
      // SQLite has rolled back by itself when the disk was the reason.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw this.#writeError(error);
    }
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

/** So that the names of new files in it outlast a failure of the power as well. */
function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  fsyncSync(folder);
  closeSync(folder);
}

function prepare(database: DatabaseSync) {
  return {
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
