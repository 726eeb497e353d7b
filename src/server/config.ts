import { configEntries } from "#mesh/tables.ts";
import type { ConfigEntry, ConfigKind } from "#model/config-entry/config-entry.ts";
import type { State } from "#state/state.ts";
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
  const { kind, name, entry } = wanted;
  const { result } = await state.transact((tx) => {
    const before = tx.get(configEntries, keyOf(kind, name));
    if (cas !== undefined && (before?.ModifyIndex ?? 0) !== cas) return false;
    if (entry === null && before === undefined) return true;
    tx.get(configWrites, CONFIG_WRITES_KEY);
    if (entry === null) refuseIfReferred(state, kind, name);
    else refuseBrokenReferences(state, entry);
    refuseBrokenChains(state, wanted);
    if (entry === null) tx.delete(configEntries, keyOf(kind, name));
    else tx.put(configEntries, keyOf(kind, name), entry);
    tx.put(configWrites, CONFIG_WRITES_KEY, { Kind: kind, Name: name });
    return true;
  });
  return result;
}

export function configEntry(state: State, kind: ConfigKind, name: string): Row<ConfigEntry> | undefined {
  return state.get(configEntries, keyOf(kind, name));
}
