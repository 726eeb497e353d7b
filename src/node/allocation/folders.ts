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

/** At once: a round through Node.js's threads for each of some twenty steps would take ten times as long. */
export function makeAllocationFolder({ alloc, logs }: AllocationFolder): void {
  for (const folder of [alloc, join(alloc, "data"), logs, join(alloc, "tmp")]) makeOpen(folder);
}

/** With `users` of its own a task's secrets are open to whoever is in its folder, and that to nobody of the host. */
export function makeTaskFolder(
  folder: TaskFolder,
  owner: Account,
  users: UserSpace,
  secretsMB: number,
): void {
  for (const open of [folder.root, folder.local]) makeOpen(open);
  mkdirSync(folder.tmp, { recursive: true });
  chmodSync(folder.tmp, 0o1777);
  mkdirSync(folder.secrets, { recursive: true, mode: 0o700 });
  mountMemory(folder.secrets, owner, secretsMB);
  chownSync(folder.secrets, owner.uid, owner.gid);
  if (users === "host") return;
  chmodSync(folder.secrets, 0o777);
  chmodSync(folder.root, 0o700);
}

/** Tasks run as users that the node does not know beforehand. */
function makeOpen(path: string): void {
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o777);
}
