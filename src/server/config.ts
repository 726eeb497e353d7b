import { configEntries, configKey } from "#mesh/tables.ts";
import type { ConfigEntry, ConfigKind } from "#model/config-entry/config-entry.ts";
import type { State } from "#state/state.ts";
import { keyOf, type Row } from "#state/table.ts";
import { refuseBrokenReferences, refuseIfReferred } from "./config-references.ts";

/** Writes an entry. With `cas`, only if the entry is still at that index, 0 meaning absent; gives whether it was. */
export async function writeConfigEntry(state: State, entry: ConfigEntry, cas?: number): Promise<boolean> {
  const { result } = await state.transact((tx) => {
    const before = tx.get(configEntries, configKey(entry));
    if (cas !== undefined && (before?.ModifyIndex ?? 0) !== cas) return false;
    refuseBrokenReferences(state, entry);
    tx.put(configEntries, configKey(entry), entry);
    return true;
  });
  return result;
}

export async function deleteConfigEntry(
  state: State,
  kind: ConfigKind,
  name: string,
  cas?: number,
): Promise<boolean> {
  const { result } = await state.transact((tx) => {
    const before = tx.get(configEntries, keyOf(kind, name));
    if (cas !== undefined && (before?.ModifyIndex ?? 0) !== cas) return false;
    refuseIfReferred(state, kind, name);
    if (before !== undefined) tx.delete(configEntries, keyOf(kind, name));
    return true;
  });
  return result;
}

export function configEntry(state: State, kind: ConfigKind, name: string): Row<ConfigEntry> | undefined {
  return state.get(configEntries, keyOf(kind, name));
}
