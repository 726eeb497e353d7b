import { parseConfigEntry } from "#jobspec/config-entry.ts";
import type { ConfigEntry } from "#model/config-entry/config-entry.ts";
import { CommandError } from "./command.ts";
import { tellOf, textOf } from "./file-text.ts";
import type { Terminal } from "./terminal.ts";

/** The config entry of a file in HCL or JSON; says what is wrong with it and ends the command otherwise. */
export async function readEntryFile(path: string, terminal: Terminal): Promise<ConfigEntry> {
  const { filename, source } = await textOf(path);
  const { entry, diagnostics } = parseConfigEntry(filename, source);
  tellOf(terminal, diagnostics, new Map([[filename, source]]));
  if (entry === null)
    throw new CommandError(`${filename} holds no entry that could be written; nothing was done`);
  return entry;
}
