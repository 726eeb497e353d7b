import {
  type Change,
  type ChangeSet,
  CompactedError,
  type Entry,
  type Revision,
  type Store,
} from "#store/store.ts";
import type { Indexed, Row, Table } from "./table.ts";
import { type RowChange, TableRows } from "./table-rows.ts";

/** The changes of one commit, table by table. */
export interface StateChange {
  readonly revision: Revision;
  readonly changes: ReadonlyMap<string, readonly RowChange<object>[]>;
}

/** Reads and writes of one transaction. Every row that is read must be unchanged when it commits. */
export interface Transaction {
  get<Value extends object>(table: Table<Value>, key: string): Row<Value> | undefined;
  put<Value extends object>(table: Table<Value>, key: string, value: Value): void;
  delete<Value extends object>(table: Table<Value>, key: string): void;
}

/** How often a transaction is tried anew when others changed what it read. */
const ATTEMPTS = 50;

/**
 * Every table in memory, fed by the store's watch: reads are immediate and never leave the process; writes
 * are transactions that commit when nothing they read has changed. Servers that share a store share its
 * state, and none keeps any of its own.
 */
export class State {
  readonly #store: Store;
  readonly #tables = new Map<string, TableRows<object>>();
  readonly #listeners = new Set<(change: StateChange) => void>();
  readonly #stop = new AbortController();
  #revision: Revision = 0;
  #following: Promise<void> = Promise.resolve();

  private constructor(store: Store, tables: readonly Table<never>[]) {
    this.#store = store;
    for (const table of tables)
      this.#tables.set(table.name, new TableRows(table as unknown as Table<object>));
  }

  /** Reads all `tables` and follows their changes until {@link close}. The store is closed with the state. */
  static async open(store: Store, tables: readonly Table<never>[]): Promise<State> {
    const state = new State(store, tables);
    await state.#load();
    state.#following = state.#follow();
    return state;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#following;
    await this.#store.close();
  }

  /** The revision up to which the tables are known here. */
  get revision(): Revision {
    return this.#revision;
  }

  get<Value extends object>(table: Table<Value>, key: string): Row<Value> | undefined {
    return this.#rows(table).get(key);
  }

  all<Value extends object>(table: Table<Value>): Row<Value>[] {
    return this.#rows(table).all();
  }

  find<Value extends object, Lookup extends string>(
    table: Table<Value, Lookup>,
    lookup: Lookup,
    term: string,
  ): Row<Value>[] {
    return this.#rows(table).find(lookup, term);
  }

  /** Every term under which `lookup` finds at least one row. */
  terms<Value extends object, Lookup extends string>(table: Table<Value, Lookup>, lookup: Lookup): string[] {
    return this.#rows(table).terms(lookup);
  }

  /** The revision of the last change to any of `tables`. */
  index(...tables: readonly Table<never>[]): Revision {
    return Math.max(0, ...tables.map((table) => this.#rows(table as unknown as Table<object>).index));
  }

  /** Calls `listener` once for each commit, after the tables hold it. Gives the way to stop. */
  observe(listener: (change: StateChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Waits until one of `tables` has changed after revision `after`, or until `signal` aborts. */
  changed(tables: readonly Table<never>[], after: Revision, signal: AbortSignal): Promise<void> {
    return this.#until(() => this.index(...tables) > after, signal);
  }

  /**
   * Runs `body` on the tables and commits what it wrote; runs it again when another commit came between.
   * `body` must do nothing but read and write through its transaction. Returns when these tables hold it.
   */
  async transact<Result>(
    body: (transaction: Transaction) => Result,
  ): Promise<{ result: Result; index: Revision }> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const before = this.#revision;
      const draft = new Draft((table, key) => this.#rows(table).get(key));
      const result = body(draft);
      if (draft.isEmpty) return { result, index: before };
      const commit = await this.#store.commit(draft.transaction());
      if (commit.committed) {
        await this.#until(() => this.#revision >= commit.revision, this.#stop.signal);
        return { result, index: commit.revision };
      }
      await this.#until(
        () => this.#revision > before,
        AbortSignal.any([this.#stop.signal, AbortSignal.timeout(1000)]),
      );
    }
    throw new Error(`another server kept changing the same rows; gave up after ${ATTEMPTS} attempts`);
  }

  async #load(): Promise<void> {
    const { revision, entries } = await this.#store.range("");
    const present = new Set(entries.map((entry) => entry.key));
    const gone = this.#keys().filter((key) => !present.has(key));
    this.#apply({
      revision,
      changes: [
        ...gone.map((key): Change => ({ kind: "delete", key })),
        ...entries.map((entry): Change => ({ kind: "put", entry })),
      ],
    });
  }

  async #follow(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        for await (const changeSet of this.#store.watch(this.#revision, this.#stop.signal))
          this.#apply(changeSet);
      } catch (error) {
        if (!(error instanceof CompactedError)) throw error;
        await this.#load();
      }
    }
  }

  #apply(changeSet: ChangeSet): void {
    const changes = new Map<string, RowChange<object>[]>();
    for (const change of changeSet.changes) {
      const [name, key] = splitKey(change.kind === "put" ? change.entry.key : change.key);
      const rows = this.#tables.get(name);
      if (rows === undefined) continue;
      const row = change.kind === "put" ? rowOf(change.entry) : null;
      const list = changes.get(name) ?? [];
      list.push(rows.set(key, row, row?.ModifyIndex ?? changeSet.revision));
      changes.set(name, list);
    }
    this.#revision = changeSet.revision;
    for (const listener of [...this.#listeners]) listener({ revision: changeSet.revision, changes });
  }

  #keys(): string[] {
    return [...this.#tables].flatMap(([name, rows]) => rows.keys().map((key) => `${name}/${key}`));
  }

  #rows<Value extends object>(table: Table<Value>): TableRows<Value> {
    const rows = this.#tables.get(table.name);
    if (rows === undefined) throw new Error(`the table ${table.name} was not opened`);
    return rows as unknown as TableRows<Value>;
  }

  #until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    if (condition() || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const check = () => {
        if (!condition() && !signal.aborted) return;
        stop();
        signal.removeEventListener("abort", check);
        resolve();
      };
      const stop = this.observe(check);
      signal.addEventListener("abort", check);
    });
  }
}

/** Collects what one run of a transaction read and wrote. */
class Draft implements Transaction {
  readonly #read: (table: Table<object>, key: string) => Indexed | undefined;
  readonly #compare = new Map<string, Revision>();
  readonly #writes = new Map<string, object | null>();

  constructor(read: (table: Table<object>, key: string) => Indexed | undefined) {
    this.#read = read;
  }

  get isEmpty(): boolean {
    return this.#writes.size === 0;
  }

  get<Value extends object>(table: Table<Value>, key: string): Row<Value> | undefined {
    const row = this.#read(table as unknown as Table<object>, key);
    this.#compare.set(`${table.name}/${key}`, row?.ModifyIndex ?? 0);
    return row as Row<Value> | undefined;
  }

  put<Value extends object>(table: Table<Value>, key: string, value: Value): void {
    this.#writes.set(`${table.name}/${key}`, value);
  }

  delete<Value extends object>(table: Table<Value>, key: string): void {
    this.#writes.set(`${table.name}/${key}`, null);
  }

  transaction() {
    const writes = [...this.#writes];
    return {
      compare: [...this.#compare].map(([key, modRevision]) => ({ key, modRevision })),
      put: writes.flatMap(([key, value]) => (value === null ? [] : [{ key, value: JSON.stringify(value) }])),
      delete: writes.flatMap(([key, value]) => (value === null ? [key] : [])),
    };
  }
}

function splitKey(key: string): [table: string, key: string] {
  const slash = key.indexOf("/");
  return [key.slice(0, slash), key.slice(slash + 1)];
}

function rowOf(entry: Entry): Row<object> {
  const value: object = JSON.parse(entry.value);
  return { ...value, CreateIndex: entry.createRevision, ModifyIndex: entry.modRevision };
}
