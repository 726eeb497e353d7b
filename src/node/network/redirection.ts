import type { AllocationId } from "#model/id.ts";
import type { TransparentProxy } from "#model/job/proxy.ts";
import { command } from "../host/command.ts";

/** The group of every Envoy that a job's service has beside it: its own connections are not redirected to it. */
export const PROXY_GROUP = 19_101;

/** Where a transparent proxy listens for redirected connections unless its job says it, and where names are answered. */
const OUTBOUND_PORT = 15_001;
const DNS_PORT = 8600;

/** What in one namespace is redirected to its proxy. */
export interface Redirection {
  readonly proxy: TransparentProxy;
  /** Where the proxy takes connections of the mesh. */
  readonly inboundPort: number;
  /** Ports that are reached without it. */
  readonly directPorts: readonly number[];
}

export function outboundPort({ OutboundPort }: TransparentProxy): number {
  return OutboundPort || OUTBOUND_PORT;
}

/**
 * Sends all TCP connections out of a namespace and into it to its proxy, and name look-ups to the agent, with the
 * exclusions that the job names. The rules stand at once, in place of any that were there. `gateway`: the host's
 * address on the bridge.
 */
export async function redirect(
  allocation: AllocationId,
  redirection: Redirection,
  gateway: string,
): Promise<void> {
  await command("ip", ["netns", "exec", allocation, "nft", "-f", "-"], {
    input: rules(redirection, gateway),
  });
}

/** In the order of nftables' own language (nft(8)). Everything here is a number, an address or a name of ours. */
export function rules({ proxy, inboundPort, directPorts }: Redirection, gateway: string): string {
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
  ...proxy.ExcludeOutboundCIDRs.filter((range) => !range.includes(":")).map(
    (range) => `ip daddr ${range} return`,
  ),
  ...proxy.ExcludeOutboundPorts.map((port) => `tcp dport ${port} return`),
])}
    meta l4proto tcp redirect to :${outboundPort(proxy)}
  }
  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
    iifname "lo" return
${indented([inboundPort, ...directPorts].map((port) => `tcp dport ${port} return`))}
    meta l4proto tcp redirect to :${inboundPort}
  }
}
`;
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `    ${line}`).join("\n");
}
