import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { decodeHcl } from "#jobspec/decode-hcl.ts";
import { hasErrors } from "#model/diagnostic.ts";
import { type registrationFile as fileSchema, registrationFile } from "#model/registration/service.ts";
import { renderDiagnostic } from "#model/render-diagnostic.ts";
import type { Input, Value } from "#model/schema/schema.ts";
import { CommandError } from "./command.ts";
import type { Terminal } from "./terminal.ts";

type Service = Input<Value<typeof fileSchema>["Services"][number]>;

/** The services of a file in HCL or JSON: `service { … }`, once or several times, or `services = [ … ]`. */
export async function readRegistrations(path: string, terminal: Terminal): Promise<Service[]> {
  const source = path === "-" ? await text(process.stdin) : await contentOf(path);
  const filename = path === "-" ? "standard input" : path;
  const { value, diagnostics } = decodeHcl(registrationFile, filename, source);
  const sources = new Map([[filename, source]]);
  for (const diagnostic of diagnostics) {
    terminal.say(`${renderDiagnostic(diagnostic, { sources, color: terminal.colour })}\n`);
  }
  if (value === null || hasErrors(diagnostics))
    throw new CommandError(`${filename} cannot be read; nothing was done`);
  const services = value.Services ?? [];
  if (services.length === 0)
    throw new CommandError(`${filename} has no service: write service { name = "…" }`);
  return services;
}

async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CommandError(`${path}: ${code === "ENOENT" ? "there is no such file" : message}`);
  }
}
