import { configEntries } from "#mesh/tables.ts";
import type { ConfigEntry, ConfigKind } from "#model/config-entry/config-entry.ts";
import type { State, Transaction } from "#state/state.ts";
import { keyOf, type Row } from "#state/table.ts";
import { type EntryChange, refuseBrokenChains } from "./chain-check.ts";
import { refuseBrokenReferences, refuseIfReferred } from "./config-references.ts";
import { CONFIG_WRITES_KEY, configWrites } from "./tables.ts";

/**
 * Writes an entry. With `cas`, only if the entry is still at that index, 0 meaning absent; gives whether it was.
 * Throws a RefusedError where the entry does not fit the others.
 */
export async function writeConfigEntry(state: State, entry: ConfigEntry, cas?: number): Promise<boolean> {
  return change(state, { kind: entry.Kind, name: entry.Name, entry }, cas);
}

/** Deletes an entry, or throws a RefusedError where others need it. */
export async function deleteConfigEntry(
  state: State,
  kind: ConfigKind,
  name: string,
  cas?: number,
): Promise<boolean> {
  return change(state, { kind, name, entry: null }, cas);
}

async function change(state: State, wanted: EntryChange, cas: number | undefined): Promise<boolean> {
  const { result } = await state.transact((tx) => {
    const before = tx.get(configEntries, keyOf(wanted.kind, wanted.name));
    if (cas !== undefined && (before?.ModifyIndex ?? 0) !== cas) return false;
    changeEntry(state, tx, wanted);
    return true;
  });
  return result;
}

/** Writes or deletes an entry within a transaction, or throws a RefusedError where that does not fit the others. */
export function changeEntry(state: State, tx: Transaction, wanted: EntryChange): void {
  const { kind, name, entry } = wanted;
  const key = keyOf(kind, name);
  if (entry === null && tx.get(configEntries, key) === undefined) return;
  tx.get(configWrites, CONFIG_WRITES_KEY);
  if (entry === null) refuseIfReferred(state, kind, name);
  else refuseBrokenReferences(state, entry);
  refuseBrokenChains(state, wanted);
  if (entry === null) tx.delete(configEntries, key);
  else tx.put(configEntries, key, entry);
  tx.put(configWrites, CONFIG_WRITES_KEY, { Kind: kind, Name: name });
}

export function configEntry(state: State, kind: ConfigKind, name: string): Row<ConfigEntry> | undefined {
  return state.get(configEntries, keyOf(kind, name));
}
