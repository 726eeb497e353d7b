import { json, nomadApi, nomadFlags } from "../api-flags.ts";
import { command } from "../command.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { span } from "../time.ts";
import type { ProxyView } from "../views.ts";

export default command({
  usage: "[service]",
  help: "Shows every proxy of the mesh, or those of one service: what it is, whether it is connected and holds the newest configuration, what it rejected, and until when its certificate is valid; and the peers of the mesh.",
  flags: { ...nomadFlags, json },
  arity: [0, 1],
  async run({ flags, arguments: [service], terminal, signal }) {
    const all = await nomadApi(flags).get<ProxyView[]>("/v1/mesh/proxies", { signal });
    const proxies = all
      .filter((proxy) => service === undefined || proxy.Service === service)
      .sort((a, b) => (a.Service + a.ID < b.Service + b.ID ? -1 : 1));
    if (flags.json) terminal.print(JSON.stringify(proxies, null, 2));
    else terminal.print(...statusLines(proxies, terminal));
    if (flags.json || service !== undefined) return 0;
    const peers = await nomadApi(flags).get<PeerView[]>("/v1/mesh/peers", { signal });
    if (peers.length > 0) terminal.print("", ...peerLines(peers));
    return 0;
  },
});

interface PeerView {
  readonly Name: string;
  readonly State: string;
  /** Those that are well. */
  readonly Gateways: number;
  readonly Imported: number;
  readonly Exported: number;
}

function peerLines(peers: readonly PeerView[]): string[] {
  return table(
    ["Peer", "State", "Gateways", "Imported Services", "Exported Services"],
    peers.map(({ Name, State, Gateways, Imported, Exported }) => [
      ...[Name, State],
      ...[Gateways, Imported, Exported].map(String),
    ]),
  );
}

function statusLines(proxies: readonly ProxyView[], terminal: Terminal): string[] {
  if (proxies.length === 0) return ["There are no proxies"];
  const heading = [
    "Proxy",
    "Service",
    "Kind",
    "Connected",
    "Synced",
    "Certificate for",
    ...KINDS.map(([title]) => title),
  ];
  const rows = proxies.map((proxy) => [
    proxy.ID,
    proxy.Service,
    proxy.Kind === "connect-proxy" ? "sidecar" : proxy.Kind.replace("-", " "),
    connection(proxy),
    proxy.Connected ? synced(proxy) : "-",
    proxy.CertificateUntil === null ? "-" : span(Date.parse(proxy.CertificateUntil) - Date.now()),
    ...KINDS.map(([, kind]) => (proxy.Connected ? String(proxy.Resources[kind] ?? 0) : "-")),
  ]);
  return [...table(heading, rows), ...proxies.flatMap((proxy) => rejection(proxy, terminal))];
}

const KINDS = [
  ["Listeners", "listener"],
  ["Routes", "route"],
  ["Clusters", "cluster"],
  ["Endpoints", "endpoints"],
] as const;

function connection({ Connected, Since }: ProxyView): string {
  if (Since === null) return "never";
  const time = span(Date.now() - Date.parse(Since));
  return Connected ? `for ${time}` : `no, gone ${time} ago`;
}

function synced({ Synced, Rejection }: ProxyView): string {
  if (Rejection !== null) return "rejected";
  return Synced ? "yes" : "not yet";
}

function rejection({ ID, Rejection }: ProxyView, terminal: Terminal): string[] {
  if (Rejection === null) return [];
  const { kind, names, message, time } = Rejection;
  const when = `${span(Date.now() - time)} ago`;
  const text = `${ID} rejected ${kind} ${names.join(", ")} ${when}, and keeps what it had: ${message}`;
  return ["", terminal.style("yellow", text)];
}
