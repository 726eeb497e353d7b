import { type ConfigEntry, readConfigEntry } from "../../../src/model/config-entry/config-entry.ts";
import { pathText } from "../../../src/model/diagnostic.ts";

/** A config entry as its author writes it. */
export type WrittenEntry = { readonly Kind: string; readonly Name: string } & Readonly<
  Record<string, unknown>
>;

export function entryOf(written: WrittenEntry): ConfigEntry {
  const { entry, problems } = readConfigEntry(written);
  if (entry === null) {
    const lines = problems.map(
      ({ path = [], summary, detail }) => `${pathText(path)}: ${summary}: ${detail}`,
    );
    throw new Error(`${written.Kind}/${written.Name}: ${lines.join("; ")}`);
  }
  return entry;
}
