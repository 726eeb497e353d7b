import { configEntries, configKey } from "#mesh/tables.ts";
import type { ConfigEntry, ConfigKind, ServiceIntentions } from "#model/config-entry/config-entry.ts";
import type { State } from "#state/state.ts";
import { keyOf, type Row } from "#state/table.ts";

/** Writes an entry. With `cas`, only if the entry is still at that index, 0 meaning absent; gives whether it was. */
export async function writeConfigEntry(state: State, entry: ConfigEntry, cas?: number): Promise<boolean> {
  const { result } = await state.transact((tx) => {
    const before = tx.get(configEntries, configKey(entry));
    if (cas !== undefined && (before?.ModifyIndex ?? 0) !== cas) return false;
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
    if (before !== undefined) tx.delete(configEntries, keyOf(kind, name));
    return true;
  });
  return result;
}

export function configEntry(state: State, kind: ConfigKind, name: string): Row<ConfigEntry> | undefined {
  return state.get(configEntries, keyOf(kind, name));
}

export interface NewIntention {
  readonly source: string;
  readonly destination: string;
  readonly action: "allow" | "deny";
  readonly description: string;
}

/** Writes one intention into its destination's entry, in place of the one that the source had there. */
export async function putIntention(
  state: State,
  { source, destination, action, description }: NewIntention,
): Promise<void> {
  await state.transact((tx) => {
    const key = keyOf("service-intentions", destination);
    const before = tx.get(configEntries, key) as ServiceIntentions | undefined;
    const others = (before?.Sources ?? []).filter((other) => other.Name !== source);
    const fresh = {
      Name: source,
      Action: action,
      Precedence: 0,
      Type: "consul" as const,
      Description: description,
    };
    tx.put(configEntries, key, {
      Kind: "service-intentions",
      Name: destination,
      Sources: [...others, fresh],
      Meta: before?.Meta ?? {},
    });
  });
}

/** Takes one intention away; gives whether there was one. An entry without sources goes as a whole. */
export async function deleteIntention(state: State, source: string, destination: string): Promise<boolean> {
  const { result } = await state.transact((tx) => {
    const key = keyOf("service-intentions", destination);
    const before = tx.get(configEntries, key) as ServiceIntentions | undefined;
    const others = (before?.Sources ?? []).filter((other) => other.Name !== source);
    if (before === undefined || others.length === before.Sources.length) return false;
    if (others.length === 0) tx.delete(configEntries, key);
    else tx.put(configEntries, key, { ...before, Sources: others });
    return true;
  });
  return result;
}
