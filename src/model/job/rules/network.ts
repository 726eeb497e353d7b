import type { Finding, Rule } from "../../schema/check.ts";
import { rule } from "../../schema/check.ts";
import type { TaskGroup } from "../group.ts";
import { group } from "../group.ts";
import type { NetworkResource, Port } from "../network.ts";
import { cni, network } from "../network.ts";

export const networkRules: readonly Rule[] = [
  rule(group, "Networks", (value) => repeatedLabels(value)),
  rule(group, "Networks", (value) => repeatedStaticPorts(value)),
  rule(network, null, (value) => collisionsOutsideHostMode(value)),
  rule(
    network,
    "Hostname",
    ({ Hostname }) =>
      Hostname !== "" &&
      !Hostname.includes("${") &&
      !isDomainName(Hostname) &&
      `${JSON.stringify(Hostname)} is not a valid DNS name.`,
  ),
  rule(cni, "Args", ({ Args }) =>
    Object.entries(Args).flatMap(([key, value]) =>
      `${key}${value}`.includes(";")
        ? [
            {
              at: ["Args", key],
              detail: "A CNI argument must not contain a semicolon, neither in its name nor in its value.",
            },
          ]
        : [],
    ),
  ),
];

interface PlacedPort {
  readonly at: readonly (string | number)[];
  readonly port: Port;
}

/** The ports of a group, and those that its tasks still ask for themselves. */
function portsOf({ Networks, Tasks }: TaskGroup): PlacedPort[] {
  return [
    ...Networks.flatMap((value, index) => portsOfNetwork(value, ["Networks", index])),
    ...Tasks.flatMap(({ Resources }, task) =>
      Resources.Networks.flatMap((value, index) =>
        portsOfNetwork(value, ["Tasks", task, "Resources", "Networks", index]),
      ),
    ),
  ];
}

function portsOfNetwork(value: NetworkResource, at: readonly (string | number)[]): PlacedPort[] {
  return (["ReservedPorts", "DynamicPorts"] as const).flatMap((field) =>
    value[field].map((port, index) => ({ at: [...at, field, index], port })),
  );
}

function repeatedLabels(value: TaskGroup): Finding[] {
  const seen = new Set<string>();
  return portsOf(value).flatMap(({ at, port: { Label } }) => {
    const again = seen.has(Label);
    seen.add(Label);
    return again
      ? [{ at, detail: `The port label ${JSON.stringify(Label)} is already in use in this group.` }]
      : [];
  });
}

function repeatedStaticPorts(value: TaskGroup): Finding[] {
  const taken = new Map<string, string>();
  return portsOf(value).flatMap(({ at, port }) => {
    if (port.Value === 0) return [];
    const key = `${port.HostNetwork} ${port.Value}`;
    const owner = taken.get(key);
    if (owner === undefined) taken.set(key, port.Label);
    return owner === undefined || port.IgnoreCollision
      ? []
      : [{ at, detail: `Static port ${port.Value} is already reserved by port ${JSON.stringify(owner)}.` }];
  });
}

function collisionsOutsideHostMode(value: NetworkResource): Finding[] {
  if (value.Mode === "" || value.Mode === "host") return [];
  return portsOfNetwork(value, [])
    .filter(({ port }) => port.IgnoreCollision)
    .map(({ at }) => ({
      at,
      detail: `A collision may not be ignored in network mode "${value.Mode}": only the host's ports can collide.`,
    }));
}

/** RFC 1035 lengths; any other character is allowed, as resolvers do. */
function isDomainName(name: string): boolean {
  const labels = name.replace(/\.$/, "").split(".");
  return name.length <= 254 && labels.every((label) => label.length > 0 && label.length <= 63);
}
