import type { ConfigEntries, ConfigKind, ProxyDefaults } from "#model/config-entry/config-entry.ts";
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
  const everywhere = read("proxy-defaults", "global");
  return everywhere === undefined ? "tcp" : protocolIn(everywhere);
}

/** Asked for at every service of every chain. */
const known = new WeakMap<ProxyDefaults, Protocol>();

function protocolIn(defaults: ProxyDefaults): Protocol {
  const before = known.get(defaults);
  if (before !== undefined) return before;
  const { Protocol: written } = readProxyConfig(defaults.Config);
  const protocol = (written as Protocol | "" | null | undefined) || "tcp";
  known.set(defaults, protocol);
  return protocol;
}
