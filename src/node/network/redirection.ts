import type { AllocationId } from "#model/id.ts";
import type { TransparentProxy } from "#model/job/proxy.ts";
import { command } from "../host/command.ts";

/** The group of every Envoy that a job's service has beside it: its own connections are not redirected to it. */
export const PROXY_GROUP = 19_101;

/** Where a transparent proxy listens for redirected connections unless something else is said. */
export const OUTBOUND_PORT = 15_001;
const DNS_PORT = 8600;

/** What in one allocation's namespace is redirected to its proxy. */
export interface Redirection {
  readonly proxy: TransparentProxy;
  /** Where the proxy takes connections of the mesh. */
  readonly inboundPort: number;
  /** Ports that are reached without it. */
  readonly directPorts: readonly number[];
}

/** What in one network namespace is redirected to a proxy, and what is not. */
export interface RedirectionRules {
  /** Who the proxy is. */
  readonly group: number | null;
  /** The proxy, and others whose connections are left alone. */
  readonly users: readonly number[];
  readonly outboundPort: number;
  /** Null where inbound connections are left alone. */
  readonly inboundPort: number | null;
  readonly excludedInboundPorts: readonly number[];
  readonly excludedOutboundPorts: readonly number[];
  /** Addresses, or ranges of them. */
  readonly excludedRanges: readonly string[];
  /** Where names are looked up in the place of the usual server; null for there. */
  readonly names: { readonly address: string; readonly port: number } | null;
}

export function outboundPort({ OutboundPort }: TransparentProxy): number {
  return OutboundPort || OUTBOUND_PORT;
}

/**
 * Sends all TCP connections out of an allocation's namespace and into it to its proxy, and name look-ups to the agent,
 * with the exclusions that the job names. `gateway`: the host's address on the bridge.
 */
export async function redirect(
  allocation: AllocationId,
  redirection: Redirection,
  gateway: string,
): Promise<void> {
  await installRedirection(rulesOfJob(redirection, gateway), ["ip", "netns", "exec", allocation]);
}

export function rulesOfJob(
  { proxy, inboundPort, directPorts }: Redirection,
  gateway: string,
): RedirectionRules {
  return {
    group: PROXY_GROUP,
    users: [proxy.UID, ...proxy.ExcludeUIDs].filter((uid) => /^\d+$/.test(uid)).map(Number),
    outboundPort: outboundPort(proxy),
    inboundPort,
    excludedInboundPorts: directPorts,
    excludedOutboundPorts: proxy.ExcludeOutboundPorts,
    excludedRanges: [gateway, ...proxy.ExcludeOutboundCIDRs],
    names: proxy.NoDNS ? null : { address: gateway, port: DNS_PORT },
  };
}

/** The rules stand at once, in place of any that were there. `within`: a command that runs others in a namespace. */
export async function installRedirection(rules: RedirectionRules, within: readonly string[]): Promise<void> {
  // nft opens its input anew by name, which works for a pipe but not for the socket that Node.js gives it.
  const [program = "", ...words] = [...within, "sh", "-c", "cat | nft -f -"];
  await command(program, words, { input: rulesText(rules) });
}

/** In the order of nftables' own language (nft(8)). Everything here is a number, an address or a name of ours. */
export function rulesText(rules: RedirectionRules): string {
  const { group, users, names, inboundPort } = rules;
  return `add table ip transparent_proxy
delete table ip transparent_proxy
table ip transparent_proxy {
  chain output {
    type nat hook output priority -100; policy accept;
${indented([
  ...(group === null ? [] : [`meta skgid ${group} return`]),
  ...users.map((user) => `meta skuid ${user} return`),
  ...(names === null ? [] : [`meta l4proto { tcp, udp } th dport 53 dnat to ${names.address}:${names.port}`]),
  "ip daddr 127.0.0.0/8 return",
  ...rules.excludedRanges.filter((range) => !range.includes(":")).map((range) => `ip daddr ${range} return`),
  ...rules.excludedOutboundPorts.map((port) => `tcp dport ${port} return`),
])}
    meta l4proto tcp redirect to :${rules.outboundPort}
  }
${inboundPort === null ? "" : inbound(inboundPort, rules.excludedInboundPorts)}}
`;
}

function inbound(port: number, excluded: readonly number[]): string {
  return `  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
    iifname "lo" return
${indented([port, ...excluded].map((direct) => `tcp dport ${direct} return`))}
    meta l4proto tcp redirect to :${port}
  }
`;
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `    ${line}`).join("\n");
}
