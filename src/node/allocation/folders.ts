import { chmodSync, chownSync } from "node:fs";
import { mkdir } from "node:fs/promises";
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

export async function makeAllocationFolder({ alloc, logs }: AllocationFolder): Promise<void> {
  await makeOpen(alloc);
  await Promise.all([join(alloc, "data"), logs, join(alloc, "tmp")].map(makeOpen));
}

/** With `users` of its own a task's secrets are open to whoever is in its folder, and that to nobody of the host. */
export async function makeTaskFolder(
  folder: TaskFolder,
  owner: Account,
  users: UserSpace,
  secretsMB: number,
): Promise<void> {
  await makeOpen(folder.root);
  await Promise.all([
    makeOpen(folder.local),
    makeWith(folder.tmp, 0o1777),
    mkdir(folder.secrets, { recursive: true, mode: 0o700 }),
  ]);
  mountMemory(folder.secrets, owner, secretsMB);
  chownSync(folder.secrets, owner.uid, owner.gid);
  if (users === "host") return;
  chmodSync(folder.secrets, 0o777);
  chmodSync(folder.root, 0o700);
}

/** Tasks run as users that the node does not know beforehand. */
function makeOpen(path: string): Promise<void> {
  return makeWith(path, 0o777);
}

async function makeWith(path: string, mode: number): Promise<void> {
  await mkdir(path, { recursive: true });
  // The mode of a new folder would be less the agent's umask.
  chmodSync(path, mode);
}
