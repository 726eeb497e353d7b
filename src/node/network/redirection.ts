import type { AllocationId } from "#model/id.ts";
import type { TransparentProxy } from "#model/job/proxy.ts";
import { command } from "../host/command.ts";

/** The group of every Envoy that a job's service has beside it: its own connections are not redirected to it. */
export const PROXY_GROUP = 19_101;

/** Where a transparent proxy listens for redirected connections, and where names are answered. */
const OUTBOUND_PORT = 15_001;
const DNS_PORT = 8600;

/** What in one namespace is redirected to its proxy. */
export interface Redirection {
  readonly proxy: TransparentProxy;
  /** The host's address on the bridge. */
  readonly gateway: string;
}

/**
 * Sends all outbound TCP connections of a namespace to its proxy, and name look-ups to the agent, with the
 * exclusions that the job names. The rules stand at once, in place of any that were there.
 */
export async function redirect(allocation: AllocationId, redirection: Redirection): Promise<void> {
  // nft opens its input anew by name, which works for a pipe but not for the socket that Node.js gives it.
  const words = ["netns", "exec", allocation, "sh", "-c", "cat | nft -f -"];
  await command("ip", words, { input: rules(redirection) });
}

/** In the order of nftables' own language (nft(8)). Everything here is a number, an address or a name of ours. */
export function rules({ proxy, gateway }: Redirection): string {
  const users = [proxy.UID, ...proxy.ExcludeUIDs].filter((uid) => /^\d+$/.test(uid));
  return `add table ip transparent_proxy
delete table ip transparent_proxy
table ip transparent_proxy {
  chain output {
    type nat hook output priority -100; policy accept;
    meta skgid ${PROXY_GROUP} return
${indented([
  ...users.map((uid) => `meta skuid ${uid} return`),
  ...(proxy.NoDNS ? [] : [`meta l4proto { tcp, udp } th dport 53 dnat to ${gateway}:${DNS_PORT}`]),
  "ip daddr 127.0.0.0/8 return",
  `ip daddr ${gateway} return`,
  ...proxy.ExcludeOutboundCIDRs.map((range) => `ip daddr ${range} return`),
  ...proxy.ExcludeOutboundPorts.map((port) => `tcp dport ${port} return`),
])}
    meta l4proto tcp redirect to :${OUTBOUND_PORT}
  }
}
`;
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `    ${line}`).join("\n");
}
