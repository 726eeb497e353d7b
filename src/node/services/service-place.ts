import type { AllocatedPort } from "#model/allocation.ts";
import type { BoundUpstream } from "#model/job/bound-upstreams.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { Node } from "#model/node.ts";
import type { References } from "../environment/interpolation.ts";
import type { AssignedAllocation } from "../server-link.ts";

/** The allocation that services belong to, and where it is. */
export interface ServicePlace {
  readonly allocation: AssignedAllocation;
  readonly group: TaskGroup;
  readonly node: Node;
  /** Of the allocation on the bridge; null in host mode. */
  readonly address: string | null;
  readonly upstreams: readonly BoundUpstream[];
  readonly references: References;
}

/** Where a service, a check or a proxy is reached. */
export interface ServicePort {
  /** Of the node, or of the allocation where the port is not mapped. */
  readonly address: string;
  readonly port: number;
  /** Inside the allocation's network; 0 when it is not known. */
  readonly inside: number;
}

/** A port by its label, or by its number inside the allocation's network. `mode` is an `address_mode`. */
export function locate(
  { allocation, node, address }: ServicePlace,
  label: string,
  mode: string,
): ServicePort {
  const mapped = portOf(allocation, label);
  const inside = mapped === null ? Number(label) || 0 : insideOf(mapped);
  if (mode === "alloc" && address !== null) return { address, port: inside, inside };
  return mapped === null
    ? { address: node.Address, port: inside, inside }
    : { address: mapped.HostIP || node.Address, port: mapped.Value, inside };
}

export function portOf({ AllocatedResources }: AssignedAllocation, label: string): AllocatedPort | null {
  return AllocatedResources.Shared.Ports.find(({ Label }) => Label === label) ?? null;
}

export function insideOf({ To, Value }: AllocatedPort): number {
  return To > 0 ? To : Value;
}
