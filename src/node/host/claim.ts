import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pause } from "#model/pulse.ts";
import { identityOf, isAlive, type ProcessIdentity } from "./process-identity.ts";
import { errorCode, isMissing, readState, writeState } from "./state-file.ts";

/** Who holds a thing of which the machine has one, such as a bridge or a data folder. */
export interface Claim extends ProcessIdentity {
  readonly dataFolder: string;
}

/** Another agent that is alive holds the thing. */
export class ClaimedError extends Error {
  override readonly name = "ClaimedError";
}

/**
 * Takes what the file at `path` stands for. Gives the claim of a holder that ended without giving it up, or
 * null when there was none. Throws when the holder is alive; `thing` names in the error what it holds.
 */
export async function take(path: string, thing: string, dataFolder: string): Promise<Claim | null> {
  const own = identityOf(process.pid);
  if (own === null) throw new Error("/proc is not mounted: the agent cannot tell processes apart");
  const claim: Claim = { ...own, dataFolder };
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(path, JSON.stringify(claim), { flag: "wx" });
    return null;
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  }
  const before = readState<Claim>(path);
  if (before !== null && isAlive(before)) {
    throw new ClaimedError(
      `${thing} is in use by the agent with process id ${before.pid} (data folder ${before.dataFolder})`,
    );
  }
  writeState(path, claim);
  return before;
}

export async function giveUp(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** Runs `work` while no other agent of the machine runs anything under the same lock. */
export async function exclusively<Result>(lock: string, work: () => Promise<Result>): Promise<Result> {
  await mkdir(dirname(lock), { recursive: true });
  for (let waited = 0; !(await tryLock(lock)); waited += LOCK_WAIT) {
    if (waited > LOCK_PATIENCE) throw new Error(`another agent does not give up the lock ${lock}; try again`);
    await pause(LOCK_WAIT);
  }
  try {
    return await work();
  } finally {
    await giveUp(lock);
  }
}

/** Milliseconds. */
const LOCK_WAIT = 5;
const LOCK_PATIENCE = 30_000;

async function tryLock(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, JSON.stringify(identityOf(process.pid)), { flag: "wx" });
    return true;
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
    return false;
  } finally {
    const holder = readState<ProcessIdentity>(lock);
    if (holder !== null && !isAlive(holder)) await giveUp(lock);
  }
}

/** Whether anyone alive holds a claim in a folder of claims. */
export async function isAnyHeld(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((error) => {
    if (isMissing(error)) return [];
    throw error;
  });
  return names
    .filter((name) => name.endsWith(CLAIM))
    .some((name) => {
      const claim = readState<Claim>(join(folder, name));
      return claim !== null && isAlive(claim);
    });
}

/** How the names of claims end. */
export const CLAIM = ".claim";
