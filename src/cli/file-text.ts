import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import type { Diagnostic } from "#model/diagnostic.ts";
import { renderDiagnostic } from "#model/render-diagnostic.ts";
import { CommandError } from "./command.ts";
import type { Terminal } from "./terminal.ts";

/** A file that the user named, with the name that messages give it; `-` is standard input. */
export interface NamedText {
  readonly filename: string;
  readonly source: string;
}

export async function textOf(path: string): Promise<NamedText> {
  if (path === "-") return { filename: "standard input", source: await text(process.stdin) };
  try {
    return { filename: path, source: readFileSync(path, "utf8") };
  } catch (error) {
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: "there is no such file",
      EISDIR: "it is a folder",
      EACCES: "there is no permission to read it",
    };
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw new CommandError(`${path}: ${reasons[code] ?? message}`);
  }
}

/** Says on standard error what is to be said of texts, with the lines that it is about. */
export function tellOf(
  terminal: Terminal,
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
): void {
  for (const diagnostic of diagnostics)
    terminal.say(`${renderDiagnostic(diagnostic, { sources, color: terminal.colour })}\n`);
}
