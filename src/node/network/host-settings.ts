import { existsSync, readlinkSync } from "node:fs";
import { mkdir, readdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CLAIM, type Claim, exclusively, giveUp, isAnyHeld, take } from "../host/claim.ts";
import { command } from "../host/command.ts";
import { mountsBelow } from "../host/mounts.ts";
import { readState, writeState } from "../host/state-file.ts";

/** What the host was like before the first agent changed it. */
interface Originals {
  readonly ipForward: string;
  readonly hadNamespaces: boolean;
}

const SHARED = "/run/yurt";
const IP_FORWARD = "/proc/sys/net/ipv4/ip_forward";
export const NAMESPACES = "/run/netns";

/**
 * Makes the bridge's name this agent's own and lets the host pass packets on. Agents on one machine share
 * such settings: the first notes how they were, the last puts them back.
 *
 * Gives the claim of an agent that had the bridge and ended without cleaning up; throws when one that is
 * alive has it.
 */
export function joinHost(bridge: string, dataFolder: string): Promise<Claim | null> {
  return exclusively(lock(), async () => {
    const before = await take(bridgeClaim(bridge), `the bridge "${bridge}"`, dataFolder);
    await noteOriginals();
    await writeFile(IP_FORWARD, "1");
    return before;
  });
}

/** Leaves the bridge and the host's settings as they are to the next agent. */
export function giveUpBridge(bridge: string): Promise<void> {
  return giveUp(bridgeClaim(bridge));
}

export async function leaveHost(bridge: string): Promise<void> {
  await exclusively(lock(), async () => {
    await giveUp(bridgeClaim(bridge));
    if (!(await isAnyHeld(folder()))) await restoreOriginals();
  });
  await rmdir(SHARED).catch(() => {});
}

/** Each network namespace that agents run in is a machine of its own in this. */
function folder(): string {
  return join(SHARED, /\d+/.exec(readlinkSync("/proc/self/ns/net"))?.[0] ?? "host");
}

const lock = () => `${folder()}.lock`;
const bridgeClaim = (bridge: string) => join(folder(), `${bridge}${CLAIM}`);
const originalsFile = () => join(folder(), "originals.json");

async function noteOriginals(): Promise<void> {
  if (existsSync(originalsFile())) return;
  await mkdir(folder(), { recursive: true });
  const ipForward = (await readFile(IP_FORWARD, "utf8")).trim();
  const hadNamespaces = (await mountsBelow(NAMESPACES)).length > 0;
  writeState(originalsFile(), { ipForward, hadNamespaces } satisfies Originals);
}

async function restoreOriginals(): Promise<void> {
  const originals = readState<Originals>(originalsFile());
  await rm(folder(), { recursive: true, force: true });
  if (originals === null) return;
  await writeFile(IP_FORWARD, originals.ipForward);
  if (!originals.hadNamespaces) await unmountNamespaces();
}

/** `ip netns add` mounts the folder over itself. While it holds namespaces of others it stays. */
async function unmountNamespaces(): Promise<void> {
  if (!existsSync(NAMESPACES) || (await readdir(NAMESPACES)).length > 0) return;
  for (const _ of await mountsBelow(NAMESPACES)) await command("umount", [NAMESPACES]);
}
