import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { AllocationId } from "#model/id.ts";
import type { Log } from "#model/log.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS record (
    allocation TEXT, name TEXT, value TEXT NOT NULL, PRIMARY KEY (allocation, name)
  ) WITHOUT ROWID`;

/** Pages of 4 KiB. When they are brought into the database, all waits for the disk: it shall be seldom. */
const LONGEST_LOG = 8192;

/** What the node must know of one allocation after a restart, by name. */
export interface AllocationRecords {
  /** Null when there is none. The node trusts what it wrote itself: `Value` is not checked. */
  read<Value>(name: string): Value | null;
  /** Throws an error in words when it cannot be written. */
  write(name: string, value: unknown): void;
  /**
   * Written with all else that is kept in the same turn of the event loop. What is under way goes on when it cannot
   * be, on a full disk: only a restart would miss it.
   */
  keep(name: string, value: unknown): void;
  /** Resolves when all that was kept would be found by the next agent, as far as there was room. */
  kept(): Promise<void>;
  remove(name: string): void;
  clear(): void;
}

/** A record to be written, or to be removed. */
interface Change {
  readonly allocation: AllocationId;
  readonly name: string;
  /** Null to remove it. */
  readonly value: unknown;
}

/**
 * What a node must know after a restart of its agent, in one file that only its owner can read. Tasks tell of
 * themselves many times as they start, and a file for each would cost a thousand times as much: a file system
 * brings what replaces another file to the disk first. What is written here outlives the agent at once.
 */
export class NodeState {
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #log: Log;
  /** The newest of each record, until the turn ends. */
  readonly #waiting = new Map<string, Change>();
  #turn: Promise<void> | null = null;

  constructor(path: string, log: Log) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const umask = process.umask(0o077);
    try {
      this.#database = new DatabaseSync(path, { timeout: 5000 });
      this.#database.exec(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA locking_mode = EXCLUSIVE",
      );
      this.#database.exec(`PRAGMA wal_autocheckpoint = ${LONGEST_LOG}`);
      this.#database.exec(SCHEMA);
    } finally {
      process.umask(umask);
    }
    this.#statements = prepare(this.#database);
    this.#log = log;
  }

  /** Of all that have records. */
  allocations(): AllocationId[] {
    this.#writeWaiting();
    return this.#statements.allocations.all().map(({ allocation }) => allocation as AllocationId);
  }

  of(allocation: AllocationId): AllocationRecords {
    const keep = (name: string, value: unknown) => this.#keep({ allocation, name, value });
    return {
      read: <Value>(name: string) => this.#read(allocation, name) as Value | null,
      write: (name, value) => {
        this.#waiting.delete(keyOf(allocation, name));
        try {
          this.#statements.write.run(allocation, name, JSON.stringify(value));
        } catch (error) {
          throw new Error(`the node's state cannot be written: ${(error as Error).message}`);
        }
      },
      keep,
      kept: async () => {
        await this.#turn;
      },
      remove: (name) => keep(name, null),
      clear: () => {
        this.#writeWaiting();
        this.#orLog(() => this.#statements.clear.run(allocation));
      },
    };
  }

  close(): void {
    this.#writeWaiting();
    this.#database.close();
  }

  #read(allocation: AllocationId, name: string): unknown {
    const waiting = this.#waiting.get(keyOf(allocation, name));
    if (waiting !== undefined) return waiting.value;
    const row = this.#statements.read.get(allocation, name);
    return row === undefined ? null : JSON.parse(String(row["value"]));
  }

  #keep(change: Change): void {
    this.#waiting.set(keyOf(change.allocation, change.name), change);
    this.#turn ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#writeWaiting();
        resolve();
      });
    });
  }

  #writeWaiting(): void {
    this.#turn = null;
    const changes = [...this.#waiting.values()];
    this.#waiting.clear();
    if (changes.length > 0) this.#orLog(() => this.#writeAll(changes));
  }

  /** In one transaction: each by itself takes several times as long. */
  #writeAll(changes: readonly Change[]): void {
    const { begin, commit, write, remove } = this.#statements;
    begin.run();
    try {
      for (const { allocation, name, value } of changes) {
        if (value === null) remove.run(allocation, name);
        else write.run(allocation, name, JSON.stringify(value));
      }
      commit.run();
    } finally {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
    }
  }

  #orLog(change: () => unknown): void {
    try {
      change();
    } catch (error) {
      this.#log.error("state cannot be kept for a restart of the agent", { error });
    }
  }
}

function keyOf(allocation: AllocationId, name: string): string {
  return `${allocation} ${name}`;
}

function prepare(database: DatabaseSync) {
  return {
    begin: database.prepare("BEGIN"),
    commit: database.prepare("COMMIT"),
    allocations: database.prepare("SELECT DISTINCT allocation FROM record"),
    read: database.prepare("SELECT value FROM record WHERE allocation = ? AND name = ?"),
    write: database.prepare("INSERT OR REPLACE INTO record VALUES (?, ?, ?)"),
    remove: database.prepare("DELETE FROM record WHERE allocation = ? AND name = ?"),
    clear: database.prepare("DELETE FROM record WHERE allocation = ?"),
  };
}
