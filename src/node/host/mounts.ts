import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Account } from "./accounts.ts";
import { Batches } from "./batches.ts";
import { checked, libc } from "./libc.ts";

/** A file system in memory for what must not reach the disk; only its owner may look into it. */
export function mountMemory(path: string, owner: Account, megabytes: number): void {
  if (statSync(path).dev !== statSync(dirname(path)).dev) return;
  const options = `size=${megabytes}m,mode=0700,uid=${owner.uid},gid=${owner.gid}`;
  checked(libc.mount("yurt", path, "tmpfs", NOSUID | NODEV | NOEXEC, options), `mount ${path}`);
}

/** Of sys/mount.h: MS_NOSUID, MS_NODEV, MS_NOEXEC. */
const [NOSUID, NODEV, NOEXEC] = [2n, 4n, 8n];

/** Many allocations end at a time: the table of mounts is read once for all that is asked for meanwhile. */
const unmounting = new Batches<string>(unmountAll);

/** Takes every mount at or below a path away, also one that is still in use. */
export function unmountBelow(path: string): Promise<void> {
  return unmounting.add(path);
}

async function unmountAll(paths: readonly string[]): Promise<void> {
  const roots = new Set(paths);
  const mounts = (await mountPoints()).filter((point) => isBelowOneOf(roots, point));
  for (const point of mounts.reverse()) {
    checked(libc.umount2(point, DETACH | NOFOLLOW), `umount ${point}`);
    // The kernel may take milliseconds to give one up; others have waited meanwhile.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Of sys/mount.h: MNT_DETACH (what is still in use goes when it is not any more), UMOUNT_NOFOLLOW. */
const [DETACH, NOFOLLOW] = [2, 8];

function isBelowOneOf(roots: ReadonlySet<string>, path: string): boolean {
  for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
    if (roots.has(path.slice(0, end))) return true;
  }
  return false;
}

/** In the order in which they were mounted. */
export async function mountsBelow(path: string): Promise<string[]> {
  return (await mountPoints()).filter((point) => point === path || point.startsWith(`${path}/`));
}

async function mountPoints(): Promise<string[]> {
  const table = await readFile("/proc/self/mountinfo", "utf8");
  return table.split("\n").map((line) => unescaped(line.split(" ", 5)[4] ?? ""));
}

/** The kernel writes spaces and the like as octal numbers (proc_pid_mountinfo(5)). */
function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
