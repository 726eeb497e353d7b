import type { EnvoyExtension } from "#model/config-entry/proxy-settings.ts";
import type { Diagnostic } from "#model/diagnostic.ts";
import { errorAt } from "#model/diagnostic.ts";
import { meetsVersion } from "#model/meets-version.ts";
import { CONSUL_VERSION } from "#model/version.ts";
import type { Resource } from "../resource.ts";
import { extAuthz } from "./ext-authz.ts";
import { extProc } from "./ext-proc.ts";
import type { ExtendedProxy, ReachedService } from "./extended-proxy.ts";
import type { Extension } from "./extension.ts";
import { lambda } from "./lambda.ts";
import { lua } from "./lua.ts";
import { otelAccessLogging } from "./otel-access-logging.ts";
import { propertyOverride } from "./property-override.ts";
import { wasm } from "./wasm.ts";

const EXTENSIONS: Readonly<Record<string, Extension>> = {
  "builtin/aws/lambda": lambda,
  "builtin/lua": lua,
  "builtin/wasm": wasm,
  "builtin/ext-authz": extAuthz,
  "builtin/ext-proc": extProc,
  "builtin/otel-access-logging": otelAccessLogging,
  "builtin/property-override": propertyOverride,
};

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

/** What is wrong with an extension, whatever proxy it is for. */
export function extensionProblems({ Name, Arguments }: EnvoyExtension): Diagnostic[] {
  const known = EXTENSIONS[Name];
  if (known === undefined) {
    const names = Object.keys(EXTENSIONS).join(", ");
    return [errorAt(["Name"], "Unknown extension", `Expected one of ${names}, not "${Name}".`)];
  }
  return known
    .problems(Arguments)
    .map((problem) => ({ ...problem, path: ["Arguments", ...(problem.path ?? [])] }));
}

export function isExtended({ extensions, reached }: ExtendedProxy): boolean {
  return extensions.length > 0 || reached.some((one) => one.extensions.length > 0);
}

/** What a proxy holds with its extensions, one after the other; one that fails changes nothing. */
export function extended(
  resources: readonly Resource[],
  proxy: ExtendedProxy,
  envoyVersion: string,
): Extended {
  const failed: FailedExtension[] = [];
  let current = resources;
  const apply = (one: EnvoyExtension, callee: ReachedService | null) => {
    if (!isMeantFor(one, envoyVersion)) return;
    try {
      current = extensionOf(one.Name).apply(current, one.Arguments, { proxy, callee });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failed.push({ name: one.Name, required: one.Required, reason });
    }
  };
  for (const one of proxy.extensions) apply(one, null);
  for (const callee of proxy.reached) for (const one of callee.extensions) apply(one, callee);
  return { resources: current, failed };
}

function isMeantFor({ ConsulVersion, EnvoyVersion }: EnvoyExtension, envoyVersion: string): boolean {
  const meets = (version: string, constraint: string) =>
    constraint === "" || meetsVersion(version, constraint, { prereleases: true });
  return meets(CONSUL_VERSION, ConsulVersion) && meets(envoyVersion, EnvoyVersion);
}

function extensionOf(name: string): Extension {
  const extension = EXTENSIONS[name];
  if (extension !== undefined) return extension;
  throw new Error(`no extension has this name; there are ${Object.keys(EXTENSIONS).join(", ")}`);
}
