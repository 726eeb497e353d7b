import {
  attribute,
  block,
  boolean,
  integer,
  list,
  notInHcl,
  object,
  optional,
  string,
  stringMap,
  strings,
} from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";

export const port = object("port", "A port of the group, known by its label.", {
  Label: string("The name by which services, checks and tasks refer to the port.", { hcl: notInHcl }),
  Value: integer("A fixed port of the host; without it a free one is chosen.", {
    hcl: attribute("static"),
    min: 0,
    max: 65535,
  }),
  To: integer(
    "The port inside the network namespace; -1 means the number of the host's port, 0 the same as -1.",
    {
      min: -1,
      max: 65535,
    },
  ),
  HostNetwork: string("The host network whose address the port is bound to.", { default: "default" }),
  IgnoreCollision: boolean("Lets several allocations of a node share a static port; host mode only."),
});

export type Port = Value<typeof port>;

export const dns = object("dns", "What `/etc/resolv.conf` holds inside the network namespace.", {
  Servers: strings("Name servers."),
  Searches: strings("Domains to search."),
  Options: strings("Resolver options."),
});

export type DNSConfig = Value<typeof dns>;

export const cni = object("cni", "Settings handed to CNI plugins.", {
  Args: stringMap("Arguments by name, without semicolons.", { hcl: attribute() }),
});

export type CNIConfig = Value<typeof cni>;

const isStatic = (value: Readonly<Record<string, unknown>>) => Number(value["Value"] ?? 0) > 0;

export const network = object("network", "The network of a group: its mode and its ports.", {
  Mode: string(
    "`host`, `bridge`, `none` or `cni/<name>`; a bridge or CNI network gives the group a network namespace.",
    {
      pattern: {
        regexp: /^(host|bridge|none|driver|cni\/.+)$/,
        expected: '"host", "bridge", "none" or "cni/<name>"',
      },
    },
  ),
  Device: string("The network device."),
  CIDR: string("The address range."),
  IP: string("The address."),
  DNS: optional(dns, "Without it the host's settings are used."),
  ReservedPorts: list(port, "Ports with a fixed number.", {
    hcl: block("port", { label: "Label", holds: isStatic }),
  }),
  DynamicPorts: list(port, "Ports with a chosen number.", { hcl: block("port", { label: "Label" }) }),
  Hostname: string("The host name inside the network namespace."),
  MBits: optional(
    integer("Bandwidth in Mbit/s.", {
      hcl: attribute("mbits"),
      deprecated: "`mbits` has no effect: bandwidth is no longer a resource. Remove it.",
    }),
  ),
  CNI: optional(cni),
});

export type NetworkResource = Value<typeof network>;
