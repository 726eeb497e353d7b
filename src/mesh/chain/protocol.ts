import type { ConfigEntries, ConfigKind } from "#model/config-entry/config-entry.ts";
import type { Protocol } from "#model/config-entry/protocol.ts";
import { readProxyConfig } from "#model/config-entry/proxy-config.ts";

/** Reads an entry by its kind and name. */
export type ReadEntry = <Kind extends ConfigKind>(
  kind: Kind,
  name: string,
) => ConfigEntries[Kind] | undefined;

/** Of the service's own defaults, else of the defaults for all proxies, else TCP. */
export function protocolOf(service: string, read: ReadEntry): Protocol {
  const own = read("service-defaults", service)?.Protocol;
  if (own) return own;
  const { Protocol: everywhere } = readProxyConfig(read("proxy-defaults", "global")?.Config ?? {});
  return (everywhere as Protocol | "" | null | undefined) || "tcp";
}
