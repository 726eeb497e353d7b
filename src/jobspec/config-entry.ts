import {
  type ConfigEntry,
  completeEntry,
  knownKind,
  receivedSchemas,
} from "#model/config-entry/config-entry.ts";
import { type Diagnostic, hasErrors, located } from "#model/diagnostic.ts";
import { decodeHcl, textAttribute } from "./decode-hcl.ts";

export interface ParsedEntry {
  /** Null when there are errors. */
  readonly entry: ConfigEntry | null;
  /** At their places in the text. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a config entry from a text in HCL or JSON, whatever its kind, and checks it. */
export function parseConfigEntry(filename: string, text: string): ParsedEntry {
  const { text: named, range, diagnostics: unreadable } = textAttribute("Kind", filename, text);
  if (hasErrors(unreadable)) return { entry: null, diagnostics: unreadable };
  const kind = knownKind(named);
  if (typeof kind !== "string") return { entry: null, diagnostics: located([kind], () => range) };
  const { value, diagnostics, positionOf } = decodeHcl(receivedSchemas[kind], filename, text);
  if (value === null) return { entry: null, diagnostics };
  const { entry, problems } = completeEntry(kind, value);
  return { entry, diagnostics: [...diagnostics, ...located(problems, positionOf)] };
}
