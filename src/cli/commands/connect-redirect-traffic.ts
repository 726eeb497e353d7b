import { isIPv4 } from "node:net";
import { OUTBOUND_PORT, type RedirectionRules, redirectTraffic } from "#agent/redirect-traffic.ts";
import type { ApiClient } from "../api-client.ts";
import { consulApi, consulFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";

/** What is needed here of a proxy's registration. */
interface ProxyService {
  readonly Port: number;
  readonly Proxy: {
    readonly Config?: Readonly<Record<string, unknown>>;
    readonly TransparentProxy?: { readonly OutboundListenerPort?: number };
    readonly Expose?: { readonly Paths?: readonly { readonly ListenerPort: number }[] };
  };
}

/** What of a redirection follows from the registration of its proxy. */
interface Known {
  readonly inbound: number | null;
  readonly outbound: number;
  readonly excluded: readonly number[];
}

export default command({
  usage: "",
  help: "Redirects the connections of a network namespace to a transparent proxy that no job runs, with nftables; needs root. What it has redirected before is replaced.",
  flags: {
    ...consulFlags,
    "proxy-uid": {
      kind: "text",
      value: "uid",
      doc: "The user that the proxy runs as; it is not redirected.",
    },
    "proxy-id": { kind: "text", value: "id", doc: "The proxy, which says its ports in its registration." },
    "proxy-inbound-port": { kind: "integer", value: "port", doc: "Where it takes connections of the mesh." },
    "proxy-outbound-port": {
      kind: "integer",
      value: "port",
      doc: `Where it takes what is redirected; ${OUTBOUND_PORT} if nothing says it.`,
    },
    "exclude-inbound-port": { kind: "texts", value: "port", doc: "Reached as it is; may be repeated." },
    "exclude-outbound-port": { kind: "texts", value: "port", doc: "Dialled as it is; may be repeated." },
    "exclude-outbound-cidr": {
      kind: "texts",
      value: "range",
      doc: "Addresses that are dialled as they are; may be repeated.",
    },
    "exclude-uid": { kind: "texts", value: "uid", doc: "A user who is not redirected; may be repeated." },
    "consul-dns-ip": { kind: "text", value: "address", doc: "Where names are looked up then." },
    "consul-dns-port": { kind: "integer", value: "port", default: 8600, doc: "The port there." },
    netns: { kind: "text", value: "path", doc: "The network namespace; by default the own one." },
  },
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    if (flags["proxy-uid"] === undefined) throw new CommandError("-proxy-uid is missing: the proxy's user");
    const known = await knownOf(consulApi(flags), flags["proxy-id"], signal);
    const inboundPort = flags["proxy-inbound-port"] ?? known.inbound;
    if (inboundPort === null)
      throw new CommandError(
        "-proxy-inbound-port or -proxy-id is missing: where the proxy takes connections",
      );
    const rules: RedirectionRules = {
      group: null,
      users: [flags["proxy-uid"], ...flags["exclude-uid"]].map((uid) => number("uid", uid, 2 ** 32 - 2)),
      outboundPort: port("proxy-outbound-port", flags["proxy-outbound-port"] ?? known.outbound),
      inboundPort: port("proxy-inbound-port", inboundPort),
      excludedInboundPorts: [
        ...known.excluded,
        ...flags["exclude-inbound-port"].map((text) => port("exclude-inbound-port", text)),
      ],
      excludedOutboundPorts: flags["exclude-outbound-port"].map((text) =>
        port("exclude-outbound-port", text),
      ),
      excludedRanges: flags["exclude-outbound-cidr"].map(range),
      names: namesAt(flags["consul-dns-ip"], flags["consul-dns-port"]),
    };
    await redirectTraffic(rules, flags.netns);
    terminal.print("Successfully applied traffic redirection rules");
    return 0;
  },
});

async function knownOf(api: ApiClient, id: string | undefined, signal: AbortSignal): Promise<Known> {
  if (id === undefined) return { inbound: null, outbound: OUTBOUND_PORT, excluded: [] };
  const path = `/v1/agent/service/${encodeURIComponent(id)}`;
  const { Port, Proxy: proxy } = await api.get<ProxyService>(path, { signal });
  const { Config: config = {} } = proxy;
  const pages = ["envoy_prometheus_bind_addr", "envoy_stats_bind_addr"].flatMap(
    (key) => /:(\d+)$/.exec(String(config[key] ?? ""))?.[1] ?? [],
  );
  const exposed = (proxy.Expose?.Paths ?? []).map(({ ListenerPort }) => ListenerPort);
  return {
    inbound: Number(config["bind_port"] ?? 0) || Port,
    outbound: proxy.TransparentProxy?.OutboundListenerPort || OUTBOUND_PORT,
    excluded: [...exposed, ...pages.map(Number)],
  };
}

function namesAt(address: string | undefined, at: number): RedirectionRules["names"] {
  if (address === undefined) return null;
  if (!isIPv4(address)) throw new CommandError(`-consul-dns-ip: expected an IPv4 address, not "${address}"`);
  return { address, port: port("consul-dns-port", at) };
}

const port = (flag: string, value: string | number) => number(flag, String(value), 65535);

function number(flag: string, text: string, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= most) return value;
  throw new CommandError(`-${flag}: expected a number up to ${most}, not "${text}"`);
}

function range(text: string): string {
  const [address = "", length = "32", ...more] = text.split("/");
  if (isIPv4(address) && /^\d+$/.test(length) && Number(length) <= 32 && more.length === 0) return text;
  throw new CommandError(`-exclude-outbound-cidr: expected an IPv4 range such as 10.0.0.0/8, not "${text}"`);
}
