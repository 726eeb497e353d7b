import { readFile } from "node:fs/promises";
import type { DNSConfig } from "#model/job/network.ts";
import { isLoopback } from "./sockets.ts";

export const HOST_RESOLV_CONF = "/etc/resolv.conf";
/** Where systemd-resolved writes the name servers that it asks itself. */
const RESOLVED_FILE = "/run/systemd/resolve/resolv.conf";

/**
 * What tasks in a network namespace see as /etc/resolv.conf; null when the host's own will do. A name server
 * on the host's loopback cannot be reached from there.
 */
export async function resolvConfFor(dns: DNSConfig | null): Promise<string | null> {
  if (dns !== null) return resolvConf(dns);
  const host = await readFile(HOST_RESOLV_CONF, "utf8").catch(() => "");
  const servers = [...host.matchAll(/^nameserver\s+(\S+)/gm)].map(([, server = ""]) => server);
  if (servers.length === 0 || !servers.every(isLoopback)) return null;
  return readFile(RESOLVED_FILE, "utf8").catch(() => null);
}

/** In the form of resolv.conf(5). */
export function resolvConf({ Servers, Searches, Options }: DNSConfig): string {
  const lines = [
    ...Servers.map((server) => `nameserver ${server}`),
    ...(Searches.length > 0 ? [`search ${Searches.join(" ")}`] : []),
    ...(Options.length > 0 ? [`options ${Options.join(" ")}`] : []),
  ];
  return `${lines.join("\n")}\n`;
}
