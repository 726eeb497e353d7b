import type { ConfigEntries, ConfigKind } from "#model/config-entry/config-entry.ts";
import type { Protocol } from "#model/config-entry/protocol.ts";

/** Reads an entry by its kind and name. */
export type ReadEntry = <Kind extends ConfigKind>(
  kind: Kind,
  name: string,
) => ConfigEntries[Kind] | undefined;

/** Of the service's own defaults, else of the defaults for all proxies, else TCP. */
export function protocolOf(service: string, read: ReadEntry): Protocol {
  const everywhere = read("proxy-defaults", "global")?.Config["protocol"];
  return read("service-defaults", service)?.Protocol || (everywhere as Protocol | undefined) || "tcp";
}
