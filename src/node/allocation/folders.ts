import { chmodSync, chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { AllocationId } from "#model/id.ts";
import type { Account, UserSpace } from "../host/accounts.ts";
import { mountMemory } from "../host/mounts.ts";

/** The folder of an allocation, laid out as Nomad's users know it. */
export interface AllocationFolder {
  readonly root: string;
  /** Shared by the tasks. */
  readonly alloc: string;
  readonly logs: string;
}

export interface TaskFolder {
  readonly root: string;
  /** The folder that the tasks of the allocation share. */
  readonly alloc: string;
  readonly local: string;
  readonly secrets: string;
  readonly tmp: string;
}

export function allocationFolder(dataFolder: string, allocation: AllocationId): AllocationFolder {
  const root = join(dataFolder, "alloc", allocation);
  return { root, alloc: join(root, "alloc"), logs: join(root, "alloc", "logs") };
}

export function taskFolder({ root, alloc }: AllocationFolder, task: string): TaskFolder {
  const own = join(root, task);
  return {
    root: own,
    alloc,
    local: join(own, "local"),
    secrets: join(own, "secrets"),
    tmp: join(own, "tmp"),
  };
}

/** Where the node keeps what it must know of an allocation; out of reach of its tasks. */
export function stateFolder(dataFolder: string, allocation: AllocationId): string {
  return join(dataFolder, "state", allocation);
}

/**
 * Folders are made by calls that block, microseconds each: the threads that Node.js hands such work to contend for
 * the file system's locks, and take five times as long together as one of them alone.
 */
export function makeAllocationFolder({ alloc, logs }: AllocationFolder): void {
  for (const path of [alloc, join(alloc, "data"), logs, join(alloc, "tmp")]) makeOpen(path);
}

/** With `users` of its own a task's secrets are open to whoever is in its folder, and that to nobody of the host. */
export function makeTaskFolder(
  folder: TaskFolder,
  owner: Account,
  users: UserSpace,
  secretsMB: number,
): void {
  makeOpen(folder.root);
  makeOpen(folder.local);
  makeWith(folder.tmp, 0o1777);
  mkdirSync(folder.secrets, { recursive: true, mode: 0o700 });
  mountMemory(folder.secrets, owner, secretsMB);
  chownSync(folder.secrets, owner.uid, owner.gid);
  if (users === "host") return;
  chmodSync(folder.secrets, 0o777);
  chmodSync(folder.root, 0o700);
}

/** Tasks run as users that the node does not know beforehand. */
function makeOpen(path: string): void {
  makeWith(path, 0o777);
}

function makeWith(path: string, mode: number): void {
  mkdirSync(path, { recursive: true });
  // The mode of a new folder would be less the agent's umask.
  chmodSync(path, mode);
}
