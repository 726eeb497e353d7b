import { mkdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorCode } from "../host/state-file.ts";
import type { AssignedAllocation } from "../server-link.ts";
import { groupOf } from "./allocation-home.ts";
import { allocationFolder, taskFolder } from "./folders.ts";

/**
 * Brings an allocation with a sticky disk the data of the one before it, when that was on this node: what its tasks
 * shared in `alloc/data`, and each task's `local`. `ended`: the end of that one, for which is waited until `signal` aborts.
 */
export async function inheritDisk(
  dataFolder: string,
  allocation: AssignedAllocation,
  ended: Promise<unknown> | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { EphemeralDisk, Tasks } = groupOf(allocation);
  const { PreviousAllocation } = allocation;
  if (!EphemeralDisk.Sticky || PreviousAllocation === "") return;
  const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  if (!signal.aborted) await Promise.race([ended, aborted]);
  if (signal.aborted) return;
  const from = allocationFolder(dataFolder, PreviousAllocation);
  const to = allocationFolder(dataFolder, allocation.ID);
  await move(join(from.alloc, "data"), join(to.alloc, "data"));
  for (const { Name } of Tasks) await move(taskFolder(from, Name).local, taskFolder(to, Name).local);
}

/** What is there already was moved by an agent before this one. */
async function move(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to).catch((error: unknown) => {
    if (!["ENOENT", "ENOTEMPTY", "EEXIST"].includes(errorCode(error))) throw error;
  });
}
