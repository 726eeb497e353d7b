import type { Sidecar } from "#mesh/sidecar.ts";
import type { EnvoyExtension } from "#model/config-entry/proxy-settings.ts";
import type { Resource } from "../resource.ts";
import { extAuthz } from "./ext-authz.ts";
import { extProc } from "./ext-proc.ts";
import type { Extension } from "./extension.ts";
import { lua } from "./lua.ts";
import { otelAccessLogging } from "./otel-access-logging.ts";
import { propertyOverride } from "./property-override.ts";
import { wasm } from "./wasm.ts";

const EXTENSIONS: Readonly<Record<string, Extension>> = {
  "builtin/lua": lua,
  "builtin/wasm": wasm,
  "builtin/ext-authz": extAuthz,
  "builtin/ext-proc": extProc,
  "builtin/otel-access-logging": otelAccessLogging,
  "builtin/property-override": propertyOverride,
};

export const extensionNames: readonly string[] = Object.keys(EXTENSIONS);

/** An extension that a proxy does without, and why. */
export interface FailedExtension {
  readonly name: string;
  readonly required: boolean;
  readonly reason: string;
}

export interface Extended {
  readonly resources: readonly Resource[];
  readonly failed: readonly FailedExtension[];
}

/** What a proxy holds with its extensions, one after the other; one that fails changes nothing. */
export function extended(resources: readonly Resource[], sidecar: Sidecar): Extended {
  const failed: FailedExtension[] = [];
  let current = resources;
  for (const extension of sidecar.settings.extensions) {
    try {
      current = applied(extension, current, sidecar);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failed.push({ name: extension.Name, required: extension.Required, reason });
    }
  }
  return { resources: current, failed };
}

function applied(
  { Name, Arguments }: EnvoyExtension,
  resources: readonly Resource[],
  sidecar: Sidecar,
): Resource[] {
  const extension = EXTENSIONS[Name];
  if (extension === undefined) {
    throw new Error(`no extension has this name; there are ${extensionNames.join(", ")}`);
  }
  return extension(resources, Arguments, { sidecar });
}
