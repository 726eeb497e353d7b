import { decodeHcl } from "#jobspec/decode-hcl.ts";
import { hasErrors } from "#model/diagnostic.ts";
import { type registrationFile as fileSchema, registrationFile } from "#model/registration/service.ts";
import type { Input, Value } from "#model/schema/schema.ts";
import { CommandError } from "./command.ts";
import { tellOf, textOf } from "./file-text.ts";
import type { Terminal } from "./terminal.ts";

type Service = Input<Value<typeof fileSchema>["Services"][number]>;

/** The services of a file in HCL or JSON: `service { … }`, once or several times, or `services = [ … ]`. */
export async function readRegistrations(path: string, terminal: Terminal): Promise<Service[]> {
  const { filename, source } = await textOf(path);
  const { value, diagnostics } = decodeHcl(registrationFile, filename, source);
  tellOf(terminal, diagnostics, new Map([[filename, source]]));
  if (value === null || hasErrors(diagnostics))
    throw new CommandError(`${filename} cannot be read; nothing was done`);
  const services = value.Services ?? [];
  if (services.length === 0)
    throw new CommandError(`${filename} has no service: write service { name = "…" }`);
  return services;
}
