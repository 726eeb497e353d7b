import { command } from "../host/command.ts";

/** A port of the host, for TCP and UDP, and where in a namespace it leads. */
export interface PortMap {
  readonly hostPort: number;
  readonly address: string;
  readonly port: number;
}

/** The names that the rules are made of. The table has the bridge's name. */
export interface RuleNames {
  readonly bridge: string;
  /** Of the namespaces, as `address/length`. */
  readonly subnet: string;
}

/** One object of nftables' JSON interface (libnftables-json(5)). */
type Nft = Readonly<Record<string, unknown>>;

/** Two maps with the same keys: nftables 1.0 cannot be told in JSON of one whose values are address and port. */
const ADDRESSES = "addresses";
const PORTS = "ports";

/**
 * The table of all rules with the port maps that it shall begin with, in one transaction: whatever a table
 * of that name held before is replaced without a moment in between.
 */
export async function installRules(names: RuleNames, ports: readonly PortMap[]): Promise<void> {
  const table = { table: { family: "ip", name: names.bridge } };
  await transaction([
    { add: table },
    { delete: table },
    ...tableRules(names),
    ...elements("add", names, ports),
  ]);
}

export async function removeRules({ bridge }: RuleNames): Promise<void> {
  const table = { table: { family: "ip", name: bridge } };
  await transaction([{ add: table }, { delete: table }]);
}

export async function addPorts(names: RuleNames, ports: readonly PortMap[]): Promise<void> {
  if (ports.length > 0) await transaction(elements("add", names, ports));
}

/** Adding first makes it no error that some are gone already. */
export async function removePorts(names: RuleNames, ports: readonly PortMap[]): Promise<void> {
  if (ports.length > 0)
    await transaction([...elements("add", names, ports), ...elements("delete", names, ports)]);
}

function transaction(commands: readonly Nft[]): Promise<string> {
  const input = JSON.stringify({ nftables: commands });
  return command("nft", ["-j", "-f", "-"], { input });
}

function tableRules(names: RuleNames): Nft[] {
  const place = { family: "ip", table: names.bridge };
  const chain = (name: string, hook: string, prio: number, rules: readonly (readonly Nft[])[]): Nft[] => [
    { add: { chain: { ...place, name, type: "nat", hook, prio, policy: "accept" } } },
    ...rules.map((expr) => ({ add: { rule: { ...place, chain: name, expr } } })),
  ];
  return [
    { add: { table: { family: "ip", name: names.bridge } } },
    { add: { map: { ...place, name: ADDRESSES, type: ["inet_proto", "inet_service"], map: "ipv4_addr" } } },
    { add: { map: { ...place, name: PORTS, type: ["inet_proto", "inet_service"], map: "inet_service" } } },
    ...chain("prerouting", "prerouting", -100, [toNamespace]),
    // Connections that the host itself opens pass no prerouting.
    ...chain("output", "output", -100, [toNamespace]),
    ...chain("postrouting", "postrouting", 100, masquerades(names)),
  ];
}

/** Whatever goes to a mapped port of any of the host's addresses. */
const toNamespace: readonly Nft[] = [
  match("==", { fib: { result: "type", flags: ["daddr"] } }, "local"),
  { dnat: { family: "ip", addr: lookUp(ADDRESSES), port: lookUp(PORTS) } },
];

function lookUp(map: string): Nft {
  const key = { concat: [{ meta: { key: "l4proto" } }, { payload: { protocol: "th", field: "dport" } }] };
  return { map: { key, data: `@${map}` } };
}

function masquerades({ bridge, subnet }: RuleNames): Nft[][] {
  const masquerade = { masquerade: null };
  const inside = prefix(subnet);
  return [
    // From the host's own 127.0.0.1, to which no namespace could answer.
    [match("==", source, prefix("127.0.0.0/8")), match("==", outgoing, bridge), masquerade],
    // Between namespaces by a mapped port: the answer must come back this way to be mapped back.
    [
      match("==", source, inside),
      match("==", destination, inside),
      match("in", { ct: { key: "status" } }, "dnat"),
      masquerade,
    ],
    // Out into the world.
    [
      match("==", source, inside),
      match("!=", destination, inside),
      match("!=", outgoing, bridge),
      masquerade,
    ],
  ];
}

const source: Nft = { payload: { protocol: "ip", field: "saddr" } };
const destination: Nft = { payload: { protocol: "ip", field: "daddr" } };
const outgoing: Nft = { meta: { key: "oifname" } };

function match(op: string, left: Nft, right: unknown): Nft {
  return { match: { op, left, right } };
}

function prefix(subnet: string): Nft {
  const [addr, length] = subnet.split("/");
  return { prefix: { addr, len: Number(length) } };
}

function elements(verb: "add" | "delete", { bridge }: RuleNames, ports: readonly PortMap[]): Nft[] {
  if (ports.length === 0) return [];
  const filled = (name: string, leadsTo: (map: PortMap) => string | number): Nft => {
    const elem = ports.flatMap((map) =>
      ["tcp", "udp"].map((protocol) => [{ concat: [protocol, map.hostPort] }, leadsTo(map)]),
    );
    return { [verb]: { element: { family: "ip", table: bridge, name, elem } } };
  };
  return [filled(ADDRESSES, ({ address }) => address), filled(PORTS, ({ port }) => port)];
}
