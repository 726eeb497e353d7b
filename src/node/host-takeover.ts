import { mkdir, readdir, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Log } from "#model/log.ts";
import { ALLOCATION, type AllocationRecord, NETWORK } from "./allocation/allocation-home.ts";
import { RUNC_FOLDER } from "./drivers/isolated-exec.ts";
import { CLAIM, ClaimedError, giveUp, take } from "./host/claim.ts";
import { ControlGroup, groupsIn } from "./host/control-group.ts";
import { unmountBelow } from "./host/mounts.ts";
import { NodeState } from "./host/node-state.ts";
import { removeTree } from "./host/remove-tree.ts";
import { makeSpread } from "./host/spread-folder.ts";
import { isMissing } from "./host/state-file.ts";
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
  readonly state: NodeState;
  readonly restored: readonly AssignedAllocation[];
}

/**
 * Makes data folder and bridge this agent's own, finds the allocations that an earlier agent ran in this data
 * folder, and clears away whatever else an agent that was killed has left. Throws when another agent that is
 * alive has one of the two.
 */
export async function takeHost(options: HostOptions): Promise<Host> {
  const { dataFolder, bridge: name, log } = options;
  await mkdir(dataFolder, { recursive: true, mode: 0o711 });
  await take(claimFile(dataFolder), `the data folder ${dataFolder}`, dataFolder);
  await Promise.all([
    makeSpread(join(dataFolder, "alloc"), 0o755),
    makeSpread(join(dataFolder, "state"), 0o700),
  ]);
  const state = new NodeState(stateFile(dataFolder), log);
  const restored = restoredAllocations(state);
  const opened = await openBridge(options, state);
  await removeStrangeTasks(name, restored);
  await removeStrangeFolders(dataFolder, restored);
  return { ...opened, state, restored };
}

/** Leaves the host to the next agent as it is. */
export async function leaveHost({ bridge, state }: Host, dataFolder: string): Promise<void> {
  await bridge?.leave();
  state.close();
  await giveUp(claimFile(dataFolder));
}

/** Leaves nothing behind. All allocations must have been forgotten before. */
export async function clearHost(host: Host, { dataFolder, bridge: name }: HostOptions): Promise<void> {
  await host.bridge?.close();
  await new ControlGroup(name).destroy();
  host.state.close();
  await Promise.all(["alloc", "state", "sockets"].map((folder) => removeTree(join(dataFolder, folder))));
  // Another agent of the machine may use them still.
  for (const folder of [RUNC_FOLDER, dirname(RUNC_FOLDER)]) await rmdir(folder).catch(() => {});
  await giveUp(claimFile(dataFolder));
}

function claimFile(dataFolder: string): string {
  return join(dataFolder, `agent${CLAIM}`);
}

function stateFile(dataFolder: string): string {
  return join(dataFolder, "state", NODE_STATE);
}

const NODE_STATE = "node.db";

function restoredAllocations(state: NodeState): AssignedAllocation[] {
  return state.allocations().flatMap((id) => {
    const record = state.of(id).read<AllocationRecord>(ALLOCATION);
    return record === null ? [] : [record.assignment];
  });
}

async function openBridge(
  { dataFolder, bridge, subnet, log }: HostOptions,
  state: NodeState,
): Promise<Pick<Host, "bridge" | "bridgeObstacle">> {
  const networks = state.allocations().flatMap((id) => {
    const network = state.of(id).read<AllocationNetwork>(NETWORK);
    return network === null ? [] : [network];
  });
  try {
    const opened = await BridgeNetwork.open({ bridge, subnet, dataFolder, log }, networks);
    return { bridge: opened, bridgeObstacle: null };
  } catch (error) {
    if (error instanceof ClaimedError) {
      state.close();
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
  await Promise.all(
    strange.map(async (group) => {
      await new ControlGroup(group).destroy();
      await removeTree(join(RUNC_FOLDER, basename(group)));
    }),
  );
}

async function removeStrangeFolders(
  dataFolder: string,
  restored: readonly AssignedAllocation[],
): Promise<void> {
  const known = new Set<string>(restored.map(({ ID }) => ID));
  for (const parent of ["alloc", "state"]) {
    const isStrange = (name: string) => !known.has(name) && !name.startsWith(NODE_STATE);
    for (const name of (await namesIn(join(dataFolder, parent))).filter(isStrange)) {
      await unmountBelow(join(dataFolder, parent, name));
      await removeTree(join(dataFolder, parent, name));
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error) => {
    if (isMissing(error)) return [];
    throw error;
  });
}
