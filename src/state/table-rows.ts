import type { Row, Table } from "./table.ts";

/** A row before and after a change; null where it was absent or is gone. */
export interface RowChange<Value> {
  readonly key: string;
  readonly before: Row<Value> | null;
  readonly after: Row<Value> | null;
}

const NONE: ReadonlyMap<string, never> = new Map<string, never>();

/** The rows of one table in memory, with its lookups kept true at every change. */
export class TableRows<Value extends object> {
  readonly #rows = new Map<string, Row<Value>>();
  readonly #lookups: readonly (readonly [string, (value: Value) => readonly string[]])[];
  readonly #found = new Map<string, Map<string, Map<string, Row<Value>>>>();
  /** The revision of the last change to any row. */
  index = 0;

  constructor(table: Table<Value>) {
    this.#lookups = Object.entries(table.lookups);
    for (const [lookup] of this.#lookups) this.#found.set(lookup, new Map());
  }

  get(key: string): Row<Value> | undefined {
    return this.#rows.get(key);
  }

  keys(): string[] {
    return [...this.#rows.keys()];
  }

  all(): Row<Value>[] {
    return [...this.#rows.values()];
  }

  find(lookup: string, term: string): Row<Value>[] {
    return [...(this.#found.get(lookup)?.get(term) ?? NONE).values()];
  }

  terms(lookup: string): string[] {
    return [...(this.#found.get(lookup)?.keys() ?? [])];
  }

  set(key: string, row: Row<Value> | null, revision: number): RowChange<Value> {
    const before = this.#rows.get(key) ?? null;
    if (before !== null) this.#forget(key, before);
    if (row === null) this.#rows.delete(key);
    else {
      this.#rows.set(key, row);
      this.#remember(key, row);
    }
    this.index = revision;
    return { key, before, after: row };
  }

  #remember(key: string, row: Row<Value>): void {
    this.#eachTerm(row, (terms, term) => {
      const rows = terms.get(term) ?? new Map<string, Row<Value>>();
      terms.set(term, rows.set(key, row));
    });
  }

  #forget(key: string, row: Row<Value>): void {
    this.#eachTerm(row, (terms, term) => {
      const rows = terms.get(term);
      rows?.delete(key);
      if (rows?.size === 0) terms.delete(term);
    });
  }

  #eachTerm(
    row: Row<Value>,
    visit: (terms: Map<string, Map<string, Row<Value>>>, term: string) => void,
  ): void {
    for (const [lookup, termsOf] of this.#lookups) {
      const terms = this.#found.get(lookup);
      if (terms) for (const term of termsOf(row)) visit(terms, term);
    }
  }
}
