import { batch, type Signal, signal } from "@preact/signals-core";
import type { State, StateChange } from "#state/state.ts";
import type { Row, Table } from "#state/table.ts";
import { KeptSignals } from "./cells.ts";

/**
 * The sources of the spreadsheet: rows of the state that a cell can read and depend on. A commit touches
 * the cells that read a row which it changed, all at once, and no others.
 */
export class TableCells {
  readonly #state: State;
  readonly #tables: ReadonlyMap<string, Table<never>>;
  /** Each counts the changes to one row, or to the rows that one lookup finds for one term. */
  readonly #touches = new KeptSignals<Signal<number>>();
  readonly #stop: () => void;

  /** `tables`: those that will be read. */
  constructor(state: State, tables: readonly Table<never>[]) {
    this.#state = state;
    this.#tables = new Map(tables.map((table) => [table.name, table]));
    this.#stop = state.observe((change) => this.#touch(change));
  }

  close(): void {
    this.#stop();
  }

  get<Value extends object>(table: Table<Value>, key: string): Row<Value> | undefined {
    this.#depend(rowName(table.name, key));
    return this.#state.get(table, key);
  }

  find<Value extends object, Lookup extends string>(
    table: Table<Value, Lookup>,
    lookup: Lookup,
    term: string,
  ): readonly Row<Value>[] {
    this.#depend(lookupName(table.name, lookup, term));
    return this.#state.find(table, lookup, term);
  }

  #depend(name: string): void {
    void this.#touches.get(name, (options) => signal(0, options)).value;
  }

  #touch({ changes }: StateChange): void {
    const names = new Set<string>();
    for (const [tableName, rows] of changes) {
      for (const { key, before, after } of rows) {
        names.add(rowName(tableName, key));
        for (const row of [before, after]) {
          if (row !== null) for (const name of this.#lookupNames(tableName, row)) names.add(name);
        }
      }
    }
    batch(() => {
      for (const name of names) {
        const touches = this.#touches.peek(name);
        if (touches) touches.value += 1;
      }
    });
  }

  #lookupNames(tableName: string, row: object): string[] {
    const lookups: Readonly<Record<string, (row: never) => readonly string[]>> =
      this.#tables.get(tableName)?.lookups ?? {};
    return Object.entries(lookups).flatMap(([lookup, termsOf]) =>
      termsOf(row as never).map((term) => lookupName(tableName, lookup, term)),
    );
  }
}

const rowName = (table: string, key: string) => `${table}/${key}`;
const lookupName = (table: string, lookup: string, term: string) => `${table}?${lookup}=${term}`;
