import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Account } from "./accounts.ts";
import { Batches } from "./batches.ts";
import { command } from "./command.ts";

interface Mount {
  readonly path: string;
  readonly options: string;
}

/**
 * Many allocations start and end at a time, and a program for each of their mounts would take longest of all:
 * what is asked for while one program runs goes to the next one, together.
 */
const mounting = new Batches<Mount>(mountAll);
const unmounting = new Batches<string>(unmountAll);

/** A file system in memory for what must not reach the disk; only its owner may look into it. */
export function mountMemory(path: string, owner: Account, megabytes: number): Promise<void> {
  const options = `size=${megabytes}m,mode=0700,uid=${owner.uid},gid=${owner.gid},noexec,nosuid,nodev`;
  return mounting.add({ path, options });
}

/** Takes every mount at or below a path away, also one that is still in use. */
export function unmountBelow(path: string): Promise<void> {
  return unmounting.add(path);
}

async function mountAll(mounts: readonly Mount[]): Promise<void> {
  const present = new Set(await mountPoints());
  const missing = mounts.filter(({ path }) => !present.has(path));
  if (missing.length === 0) return;
  const lines = missing.map(({ path, options }) => `yurt ${escaped(path)} tmpfs ${options} 0 0\n`);
  const folder = await mkdtemp(join(tmpdir(), "yurt-mounts-"));
  const file = join(folder, "fstab");
  try {
    await writeFile(file, lines.join(""));
    await command("mount", ["--all", "--fstab", file]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function unmountAll(paths: readonly string[]): Promise<void> {
  const roots = new Set(paths);
  const mounts = (await mountPoints()).filter((point) => isBelowOneOf(roots, point));
  if (mounts.length > 0) await command("umount", ["--lazy", ...mounts.reverse()]);
}

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

function escaped(text: string): string {
  return text.replaceAll(
    /[\s\\#]/g,
    (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
}
