import { mkdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BoundUpstream, boundUpstreams } from "#model/job/bound-upstreams.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { InsideNetwork } from "../environment/task-environment.ts";
import type { AllocationRecords } from "../host/node-state.ts";
import { type AllocationNetwork, INTERFACE, namespaceOf } from "../network/bridge-network.ts";
import { resolvConfFor } from "../network/resolv-conf.ts";
import type { NodeContext } from "../node-context.ts";
import type { AssignedAllocation } from "../server-link.ts";
import { insideOf } from "../services/service-place.ts";
import { type AllocationFolder, allocationFolder, stateFolder } from "./folders.ts";

/** Where an allocation lives on its node: what all its tasks have in common. */
export interface AllocationHome {
  readonly folder: AllocationFolder;
  /** Where the node keeps the files of its own for the allocation. */
  readonly state: string;
  readonly records: AllocationRecords;
  /** On the bridge; null in host mode. */
  readonly bridged: AllocationNetwork | null;
  /** The same as the tasks see it. */
  readonly network: InsideNetwork | null;
  readonly networkNamespace: string | null;
  /** The file that the tasks shall see as /etc/resolv.conf; null for the host's. */
  readonly resolvConf: string | null;
}

/** What the node keeps of an allocation itself. */
export interface AllocationRecord {
  readonly assignment: AssignedAllocation;
  readonly health: boolean | null;
  /** All is over, and nothing of it is left on the host but its files. */
  readonly isEnded: boolean;
}

/** The names of what is kept: an {@link AllocationRecord}, an {@link AllocationNetwork}. */
export const [ALLOCATION, NETWORK] = ["allocation", "network"] as const;

/** Throws an error in words when the job names no group of that name; a server would not send such. */
export function groupOf({ Job, TaskGroup: name }: AssignedAllocation): TaskGroup {
  const group = Job.TaskGroups.find((candidate) => candidate.Name === name);
  if (group === undefined) throw new Error(`the job "${Job.ID}" has no group "${name}"`);
  return group;
}

/** Those of the version that it runs now. */
export function upstreamsOf(allocation: AssignedAllocation): BoundUpstream[] {
  return boundUpstreams(groupOf(allocation), allocation.AllocatedResources.Shared.Ports);
}

/** Finds the home that an agent before this one made, or decides where the allocation goes; makes no network. */
export async function openHome(
  context: NodeContext,
  allocation: AssignedAllocation,
): Promise<AllocationHome> {
  const state = stateFolder(context.dataFolder, allocation.ID);
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const group = groupOf(allocation);
  const records = context.state.of(allocation.ID);
  const bridged = bridgedNetwork(context, allocation, group, records);
  return {
    folder: allocationFolder(context.dataFolder, allocation.ID),
    ...{ state, records, bridged },
    network: bridged && { interface: INTERFACE, address: bridged.address },
    networkNamespace: bridged && namespaceOf(allocation.ID),
    resolvConf: bridged && (await writeResolvConf(group, state)),
  };
}

function bridgedNetwork(
  { bridge }: NodeContext,
  allocation: AssignedAllocation,
  group: TaskGroup,
  records: AllocationRecords,
): AllocationNetwork | null {
  if (group.Networks[0]?.Mode !== "bridge" || bridge === null) return null;
  const known = records.read<AllocationNetwork>(NETWORK);
  if (known !== null) return known;
  const ports = allocation.AllocatedResources.Shared.Ports.map((port) => ({
    host: port.Value,
    inside: insideOf(port),
  }));
  const reserved = bridge.reserve(allocation.ID, ports);
  records.write(NETWORK, reserved);
  return reserved;
}

async function writeResolvConf(group: TaskGroup, state: string): Promise<string | null> {
  const text = await resolvConfFor(group.Networks[0]?.DNS ?? null);
  if (text === null) return null;
  const path = join(state, "resolv.conf");
  await writeFile(path, text, { mode: 0o644 });
  return path;
}
