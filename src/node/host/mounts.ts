import { readFile } from "node:fs/promises";
import type { Account } from "./accounts.ts";
import { command } from "./command.ts";

/** A file system in memory for what must not reach the disk; only its owner may look into it. */
export async function mountMemory(path: string, owner: Account, megabytes: number): Promise<void> {
  if ((await mountsBelow(path)).includes(path)) return;
  const options = `size=${megabytes}m,mode=0700,uid=${owner.uid},gid=${owner.gid},noexec,nosuid,nodev`;
  await command("mount", ["-t", "tmpfs", "-o", options, "yurt", path]);
}

/** Takes every mount at or below a path away, also one that is still in use. */
export async function unmountBelow(path: string): Promise<void> {
  const mounts = await mountsBelow(path);
  if (mounts.length > 0) await command("umount", ["--lazy", ...mounts.reverse()]);
}

/** In the order in which they were mounted. */
export async function mountsBelow(path: string): Promise<string[]> {
  const table = await readFile("/proc/self/mountinfo", "utf8");
  return table
    .split("\n")
    .map((line) => unescaped(line.split(" ")[4] ?? ""))
    .filter((point) => point === path || point.startsWith(`${path}/`));
}

/** The kernel writes spaces and the like as octal numbers (proc_pid_mountinfo(5)). */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
