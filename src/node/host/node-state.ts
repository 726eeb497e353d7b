import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { AllocationId } from "#model/id.ts";
import type { Log } from "#model/log.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS record (
    allocation TEXT, name TEXT, value TEXT NOT NULL, PRIMARY KEY (allocation, name)
  ) WITHOUT ROWID`;

/** What the node must know of one allocation after a restart, by name. */
export interface AllocationRecords {
  /** Null when there is none. The node trusts what it wrote itself: `Value` is not checked. */
  read<Value>(name: string): Value | null;
  /** Throws an error in words when it cannot be written. */
  write(name: string, value: unknown): void;
  /** What is under way goes on when it cannot be written down, on a full disk: only a restart would miss it. */
  keep(name: string, value: unknown): void;
  remove(name: string): void;
  clear(): void;
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

  constructor(path: string, log: Log) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const umask = process.umask(0o077);
    try {
      this.#database = new DatabaseSync(path, { timeout: 5000 });
      this.#database.exec(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA locking_mode = EXCLUSIVE",
      );
      this.#database.exec(SCHEMA);
    } finally {
      process.umask(umask);
    }
    this.#statements = prepare(this.#database);
    this.#log = log;
  }

  /** Of all that have records. */
  allocations(): AllocationId[] {
    return this.#statements.allocations.all().map(({ allocation }) => allocation as AllocationId);
  }

  of(allocation: AllocationId): AllocationRecords {
    const { read, write, remove, clear } = this.#statements;
    const orLog = (name: string, change: () => unknown) => {
      try {
        change();
      } catch (error) {
        this.#log.error("state cannot be kept for a restart of the agent", {
          alloc: allocation,
          name,
          error,
        });
      }
    };
    return {
      read: <Value>(name: string) => {
        const row = read.get(allocation, name);
        return row === undefined ? null : (JSON.parse(String(row["value"])) as Value);
      },
      write: (name, value) => {
        try {
          write.run(allocation, name, JSON.stringify(value));
        } catch (error) {
          throw new Error(`the node's state cannot be written: ${(error as Error).message}`);
        }
      },
      keep: (name, value) => orLog(name, () => write.run(allocation, name, JSON.stringify(value))),
      remove: (name) => orLog(name, () => remove.run(allocation, name)),
      clear: () => orLog("all", () => clear.run(allocation)),
    };
  }

  close(): void {
    this.#database.close();
  }
}

function prepare(database: DatabaseSync) {
  return {
    allocations: database.prepare("SELECT DISTINCT allocation FROM record"),
    read: database.prepare("SELECT value FROM record WHERE allocation = ? AND name = ?"),
    write: database.prepare("INSERT OR REPLACE INTO record VALUES (?, ?, ?)"),
    remove: database.prepare("DELETE FROM record WHERE allocation = ? AND name = ?"),
    clear: database.prepare("DELETE FROM record WHERE allocation = ?"),
  };
}
