import type { Source } from "#mesh/intentions.ts";
import { configEntries } from "#mesh/tables.ts";
import type { ServiceIntentions } from "#model/config-entry/config-entry.ts";
import type { SourceIntention } from "#model/config-entry/service-intentions.ts";
import type { State } from "#state/state.ts";
import { keyOf, type Row, withoutIndexes } from "#state/table.ts";
import { changeEntry } from "./config.ts";

/** Intentions one by one: each is one source of the `service-intentions` entry of its destination. */

/** Writes one intention in place of the one that the source had there. */
export async function putIntention(
  state: State,
  destination: string,
  source: SourceIntention,
): Promise<void> {
  await state.transact((tx) => {
    const key = keyOf("service-intentions", destination);
    const before = tx.get(configEntries, key) as ServiceIntentions | undefined;
    const others = (before?.Sources ?? []).filter((other) => !isOf(other, named(source)));
    const entry: ServiceIntentions = {
      Kind: "service-intentions",
      Name: destination,
      JWT: before?.JWT ?? null,
      Sources: [...others, source],
      Meta: before?.Meta ?? {},
    };
    changeEntry(state, tx, { kind: entry.Kind, name: destination, entry });
  });
}

/** Takes one intention away; gives whether there was one. An entry without sources goes as a whole. */
export async function deleteIntention(state: State, source: Source, destination: string): Promise<boolean> {
  const { result } = await state.transact((tx) => {
    const key = keyOf("service-intentions", destination);
    const before = tx.get(configEntries, key) as ServiceIntentions | undefined;
    const others = (before?.Sources ?? []).filter((other) => !isOf(other, source));
    if (before === undefined || others.length === before.Sources.length) return false;
    const entry =
      others.length === 0 ? null : { ...withoutIndexes<ServiceIntentions>(before), Sources: others };
    changeEntry(state, tx, { kind: before.Kind, name: destination, entry });
    return true;
  });
  return result;
}

/** An intention with the entry that it stands in. */
export interface FoundIntention {
  readonly entry: Row<ServiceIntentions>;
  readonly source: SourceIntention;
}

export function findIntention(state: State, source: Source, destination: string): FoundIntention | null {
  const entry = state.get(configEntries, keyOf("service-intentions", destination)) as
    | Row<ServiceIntentions>
    | undefined;
  const found = entry?.Sources.find((each) => isOf(each, source));
  return entry && found ? { entry, source: found } : null;
}

/** One that was created by the older interface, which gives intentions ids. */
export function findLegacyIntention(state: State, id: string): FoundIntention | null {
  for (const entry of state.find(configEntries, "kind", "service-intentions") as Row<ServiceIntentions>[]) {
    const source = entry.Sources.find(({ LegacyID }) => LegacyID === id);
    if (source !== undefined) return { entry, source };
  }
  return null;
}

const named = ({ Name, Peer }: SourceIntention): Source => ({ name: Name, peer: Peer });

const isOf = ({ Name, Peer }: SourceIntention, { name, peer }: Source) => Name === name && Peer === peer;
