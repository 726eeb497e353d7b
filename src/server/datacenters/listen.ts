import { isDeepStrictEqual } from "node:util";
import {
  type Datacenter,
  type DistantEndpoints,
  datacenters,
  distantEndpoints,
  distantKey,
} from "#mesh/datacenters/tables.ts";
import { configEntries, configKey } from "#mesh/tables.ts";
import type { ConfigEntry } from "#model/config-entry/config-entry.ts";
import type { State } from "#state/state.ts";
import { type Table, withoutIndexes } from "#state/table.ts";
import type { Told } from "./told.ts";

/** What a datacenter does with what others of its mesh tell it. */

/** The primary's entries hold here, and no others. */
export async function keepEntries(state: State, change: Told<ConfigEntry>): Promise<void> {
  await keep(state, configEntries, change, state.all(configEntries).map(configKey));
}

export async function keepEndpoints(
  state: State,
  datacenter: string,
  change: Told<DistantEndpoints>,
): Promise<void> {
  const known = state.find(distantEndpoints, "datacenter", datacenter);
  await keep(state, distantEndpoints, change, known.map(distantKey));
}

/**
 * Those that the teller knows. Where a datacenter is that is known already, only itself may say; and none is forgotten
 * because another does not know it.
 */
export async function keepDatacenters(
  state: State,
  { own, teller }: { readonly own: string; readonly teller: string },
  { put }: Pick<Told<Datacenter>, "put">,
): Promise<void> {
  const news = put.filter(
    ([name]) => name !== own && (name === teller || state.get(datacenters, name) === undefined),
  );
  await keep(state, datacenters, { whole: false, put: news, gone: [] }, []);
}

async function keep<Value extends object>(
  state: State,
  table: Table<Value>,
  { whole, put, gone }: Pick<Told<Value>, "whole" | "put" | "gone">,
  /** Keys of what the teller has told so far. */
  known: readonly string[],
): Promise<void> {
  const told = new Map(put);
  const left = whole ? known.filter((key) => !told.has(key)) : gone;
  await state.transact((tx) => {
    for (const [key, value] of told) {
      const before = tx.get(table, key);
      if (before === undefined || !isDeepStrictEqual(withoutIndexes<Value>(before), value))
        tx.put(table, key, value);
    }
    for (const key of left) if (tx.get(table, key) !== undefined) tx.delete(table, key);
  });
}
