import type { KeyEntry } from "#model/key-entry.ts";
import type { State } from "#state/state.ts";
import type { Row } from "#state/table.ts";
import { keys } from "./tables.ts";

/** The key-value store that templates read and Consul's clients write. */

export function keyEntry(state: State, key: string): Row<KeyEntry> | undefined {
  return state.get(keys, key);
}

/** In the order of their keys. */
export function keyEntries(state: State, prefix: string): Row<KeyEntry>[] {
  return state
    .all(keys)
    .filter(({ Key }) => Key.startsWith(prefix))
    .sort((a, b) => (a.Key < b.Key ? -1 : 1));
}

/** With `cas`, only if the entry is still at that index, 0 meaning absent; gives whether it was. */
export async function putKey(state: State, entry: KeyEntry, cas?: number): Promise<boolean> {
  const { result } = await state.transact((tx) => {
    if (cas !== undefined && (tx.get(keys, entry.Key)?.ModifyIndex ?? 0) !== cas) return false;
    tx.put(keys, entry.Key, entry);
    return true;
  });
  return result;
}

/** A key, or with `recurse` all that begin so. */
export async function deleteKeys(
  state: State,
  key: string,
  { recurse, cas }: { readonly recurse: boolean; readonly cas: number | undefined },
): Promise<boolean> {
  const { result } = await state.transact((tx) => {
    const found = recurse
      ? keyEntries(state, key)
      : [keyEntry(state, key)].filter((one) => one !== undefined);
    if (cas !== undefined && (found[0]?.ModifyIndex ?? 0) !== cas) return false;
    for (const { Key } of found) tx.delete(keys, Key);
    return true;
  });
  return result;
}
