import type { EnvoyExtension } from "#model/config-entry/proxy-settings.ts";

/** Extensions that service-defaults name for the proxies that call the service; all others are for its own. */
const OF_CALLERS: readonly string[] = ["builtin/aws/lambda"];

interface Extended {
  readonly EnvoyExtensions: readonly EnvoyExtension[];
}

export function callersExtensions(entry: Extended | undefined): EnvoyExtension[] {
  return (entry?.EnvoyExtensions ?? []).filter(({ Name }) => OF_CALLERS.includes(Name));
}

export function ownExtensions(entry: Extended | undefined): EnvoyExtension[] {
  return (entry?.EnvoyExtensions ?? []).filter(({ Name }) => !OF_CALLERS.includes(Name));
}
