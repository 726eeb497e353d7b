import type { AllocatedPort } from "#model/allocation.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { Port } from "#model/job/network.ts";
import type { Node } from "#model/node.ts";
import { hostAddress } from "./feasibility.ts";
import type { Usage } from "./usage.ts";

/** The ports of a group on a node, or in words which one is not to be had. `random`: from 0 up to 1. */
export function assignPorts(
  node: Node,
  used: Usage,
  { Networks: [network] }: TaskGroup,
  random: () => number,
): readonly AllocatedPort[] | string {
  if (network === undefined) return [];
  const given: AllocatedPort[] = [];
  const isTaken = (address: string, port: number) =>
    used.isTaken(address, port) || given.some(({ HostIP, Value }) => HostIP === address && Value === port);
  for (const port of network.ReservedPorts) {
    const address = hostAddress(node, port.HostNetwork) ?? node.Address;
    if (!port.IgnoreCollision && isTaken(address, port.Value)) {
      return `network: reserved port collision ${port.Label}=${port.Value}`;
    }
    given.push(allocated(port, port.Value, address));
  }
  for (const port of network.DynamicPorts) {
    const address = hostAddress(node, port.HostNetwork) ?? node.Address;
    const value = freePort(node, (number) => isTaken(address, number), random);
    if (value === null) return "network: no dynamic port is free";
    given.push(allocated(port, value, address));
  }
  return given;
}

/** The port inside the namespace: 0 and -1 stand for the number on the host. */
function allocated({ Label, To }: Port, Value: number, HostIP: string): AllocatedPort {
  return { Label, Value, To: To > 0 ? To : Value, HostIP };
}

/** A random start spreads the ports, so that one that was just given up is not taken again at once. */
function freePort(node: Node, isTaken: (port: number) => boolean, random: () => number): number | null {
  const { MinDynamicPort: first, MaxDynamicPort: last } = node.NodeResources;
  const count = last - first + 1;
  const start = Math.floor(random() * count);
  for (let i = 0; i < count; i++) {
    const port = first + ((start + i) % count);
    if (!isTaken(port)) return port;
  }
  return null;
}
