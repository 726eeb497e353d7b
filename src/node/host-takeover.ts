import { mkdir, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { AllocationId } from "#model/id.ts";
import type { Log } from "#model/log.ts";
import { type AllocationRecord, networkFile, recordFile } from "./allocation/allocation-home.ts";
import { stateFolder } from "./allocation/folders.ts";
import { CLAIM, ClaimedError, giveUp, take } from "./host/claim.ts";
import { ControlGroup, groupsIn } from "./host/control-group.ts";
import { unmountBelow } from "./host/mounts.ts";
import { isMissing, readState } from "./host/state-file.ts";
import { type AllocationNetwork, BridgeNetwork } from "./network/bridge-network.ts";
import type { AssignedAllocation } from "./server-link.ts";

export interface HostOptions {
  readonly dataFolder: string;
  readonly bridge: string;
  readonly subnet: string;
  readonly log: Log;
}

/** The host as an agent has taken it: its bridge, and what an agent before it has left to be gone on with. */
export interface Host {
  readonly bridge: BridgeNetwork | null;
  /** Why there is no bridge; null when there is one. */
  readonly bridgeObstacle: string | null;
  readonly restored: readonly AssignedAllocation[];
}

/**
 * Makes data folder and bridge this agent's own, finds the allocations that an earlier agent ran in this data
 * folder, and clears away whatever else an agent that was killed has left. Throws when another agent that is
 * alive has one of the two.
 */
export async function takeHost(options: HostOptions): Promise<Host> {
  const { dataFolder, bridge: name } = options;
  await mkdir(dataFolder, { recursive: true, mode: 0o711 });
  await take(claimFile(dataFolder), `the data folder ${dataFolder}`, dataFolder);
  const restored = await restoredAllocations(dataFolder);
  const opened = await openBridge(options, restored);
  await removeStrangeTasks(name, restored);
  await removeStrangeFolders(dataFolder, restored);
  return { ...opened, restored };
}

/** Leaves the host to the next agent as it is. */
export async function leaveHost({ bridge }: Host, dataFolder: string): Promise<void> {
  await bridge?.leave();
  await giveUp(claimFile(dataFolder));
}

/** Leaves nothing behind. All allocations must have been forgotten before. */
export async function clearHost(host: Host, { dataFolder, bridge: name }: HostOptions): Promise<void> {
  await host.bridge?.close();
  await new ControlGroup(name).destroy();
  for (const folder of ["alloc", "state", "sockets", "runc"]) {
    await rm(join(dataFolder, folder), { recursive: true, force: true });
  }
  await giveUp(claimFile(dataFolder));
}

function claimFile(dataFolder: string): string {
  return join(dataFolder, `agent${CLAIM}`);
}

async function restoredAllocations(dataFolder: string): Promise<AssignedAllocation[]> {
  const ids = await namesIn(join(dataFolder, "state"));
  return ids.flatMap((id) => {
    const record = readState<AllocationRecord>(recordFile(stateFolder(dataFolder, id as AllocationId)));
    return record === null ? [] : [record.assignment];
  });
}

async function openBridge(
  { dataFolder, bridge, subnet, log }: HostOptions,
  restored: readonly AssignedAllocation[],
): Promise<Omit<Host, "restored">> {
  const networks = restored.flatMap(({ ID }) => {
    const network = readState<AllocationNetwork>(networkFile(stateFolder(dataFolder, ID)));
    return network === null ? [] : [network];
  });
  try {
    const opened = await BridgeNetwork.open({ bridge, subnet, dataFolder, log }, networks);
    return { bridge: opened, bridgeObstacle: null };
  } catch (error) {
    if (error instanceof ClaimedError) {
      await giveUp(claimFile(dataFolder));
      throw error;
    }
    const reason = obstacleOf(error);
    log.warn("allocations in bridge mode cannot run here", { reason });
    return { bridge: null, bridgeObstacle: reason };
  }
}

function obstacleOf(error: unknown): string {
  if (process.getuid?.() !== 0) return "namespaces and packet rules are root's: run the agent as root";
  return error instanceof Error ? error.message : String(error);
}

async function removeStrangeTasks(parent: string, restored: readonly AssignedAllocation[]): Promise<void> {
  const isKnown = (group: string) => restored.some(({ ID }) => basename(group).startsWith(ID));
  const strange = (await groupsIn(parent)).filter((group) => !isKnown(group));
  await Promise.all(strange.map((group) => new ControlGroup(group).destroy()));
}

async function removeStrangeFolders(
  dataFolder: string,
  restored: readonly AssignedAllocation[],
): Promise<void> {
  const known = new Set<string>(restored.map(({ ID }) => ID));
  for (const parent of ["alloc", "state"]) {
    for (const name of (await namesIn(join(dataFolder, parent))).filter((id) => !known.has(id))) {
      await unmountBelow(join(dataFolder, parent, name));
      await rm(join(dataFolder, parent, name), { recursive: true, force: true });
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error) => {
    if (isMissing(error)) return [];
    throw error;
  });
}
