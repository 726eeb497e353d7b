import { existsSync } from "node:fs";
import { access, mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { pause } from "#model/pulse.ts";
import { errorCode, isMissing } from "./state-file.ts";

export const ROOT = "/sys/fs/cgroup";

/** Milliseconds; the waits before it double, so that it is given up after twice as long. */
const LONGEST_WAIT = 8192;

/**
 * Where the processes of tasks are grouped: the unified hierarchy where there is one, alone or beside those
 * of version 1, else one of the latter that every system has. Null when there is none.
 */
export function processHierarchy(): string | null {
  const candidates = [ROOT, join(ROOT, "unified"), join(ROOT, "freezer"), join(ROOT, "pids")];
  return candidates.find((path) => existsSync(join(path, "cgroup.procs"))) ?? null;
}

/**
 * A control group with everything that a task has started, named by its path below the hierarchies' roots,
 * such as `yurt/<id>`. Processes cannot leave it, so whoever ends it ends all of them.
 */
export class ControlGroup {
  readonly name: string;
  readonly #hierarchy: string;

  constructor(name: string) {
    this.name = name;
    this.#hierarchy = processHierarchy() ?? ROOT;
  }

  /** The files through which a process joins. */
  get joinFiles(): string[] {
    const confined = join(ROOT, "cpuset", this.name, "cgroup.procs");
    return [join(this.#path, "cgroup.procs"), ...(existsSync(confined) ? [confined] : [])];
  }

  get #path(): string {
    return join(this.#hierarchy, this.name);
  }

  async create(): Promise<void> {
    await mkdir(this.#path, { recursive: true });
  }

  exists(): boolean {
    return existsSync(this.#path);
  }

  /** Also those in groups that the task made within its own. */
  async pids(): Promise<number[]> {
    const groups = [this.#path, ...(await groupsBelow(this.#path))];
    const lists = await Promise.all(groups.map((group) => readOrEmpty(join(group, "cgroup.procs"))));
    return lists.join("\n").split("\n").filter(Boolean).map(Number);
  }

  /** How many processes the kernel has killed because the group was out of memory. */
  async outOfMemoryKills(): Promise<number> {
    const unified = await readOrEmpty(join(ROOT, this.name, "memory.events"));
    const version1 = await readOrEmpty(join(ROOT, "memory", this.name, "memory.oom_control"));
    return Number(/^oom_kill (\d+)$/m.exec(unified + version1)?.[1] ?? 0);
  }

  /** Kills every process of the group and removes it from all hierarchies. */
  async destroy(): Promise<void> {
    const kill = join(this.#path, "cgroup.kill");
    const signal = existsSync(kill) ? () => writeIfThere(kill, "1") : () => this.#killOneByOne();
    for (let wait = 1; !(await removeGroup(this.#path)); wait *= 2) {
      if (wait > LONGEST_WAIT)
        throw new Error(`processes of ${this.#path} do not end although they were killed`);
      await signal();
      await pause(wait);
    }
    await Promise.all((await hierarchies()).map((hierarchy) => removeGroup(join(hierarchy, this.name))));
  }

  async #killOneByOne(): Promise<void> {
    for (const pid of await this.pids()) {
      try {
        process.kill(pid, "SIGKILL");
      } catch (error) {
        if (errorCode(error) !== "ESRCH") throw error;
      }
    }
  }
}

/** The group that a process is in; null where it is in none of its own. */
export async function groupOf(pid: number): Promise<ControlGroup | null> {
  const hierarchy = basename(processHierarchy() ?? "");
  const controller = ["freezer", "pids"].includes(hierarchy) ? hierarchy : "";
  const lines = await readOrEmpty(`/proc/${pid}/cgroup`);
  const name = new RegExp(`^\\d+:${controller}:/(.+)$`, "m").exec(lines)?.[1];
  return name === undefined ? null : new ControlGroup(name);
}

/** The names of the groups right below `parent`, such as `yurt/<id>`. */
export async function groupsIn(parent: string): Promise<string[]> {
  const names = await Promise.all(
    (await hierarchies()).map((hierarchy) => foldersIn(join(hierarchy, parent))),
  );
  return [...new Set(names.flat())].map((name) => join(parent, name));
}

/**
 * Gives everything below `parent` together the weight of as many busy processes as there are processors. By
 * default it would be that of one, and a single busy process beside the agent would starve all tasks.
 */
export async function weighGroup(parent: string, processors: number): Promise<void> {
  const [unified, version1] = [join(ROOT, parent), join(ROOT, "cpu", parent)];
  const isUnified = existsSync(join(ROOT, "cgroup.procs"));
  if (!isUnified && !existsSync(join(ROOT, "cpu"))) return;
  await mkdir(isUnified ? unified : version1, { recursive: true });
  await writeIfThere(join(unified, "cpu.weight"), String(Math.min(10_000, 100 * processors)));
  await writeIfThere(join(version1, "cpu.shares"), String(1024 * processors));
}

/** Why no group can be made here; null when it can. */
export async function obstacleToGroups(): Promise<string | null> {
  const hierarchy = processHierarchy();
  if (hierarchy === null) return `no control groups are mounted at ${ROOT}`;
  try {
    await access(hierarchy, 2);
    return null;
  } catch {
    return `control groups cannot be made in ${hierarchy}: run the agent as root`;
  }
}

async function hierarchies(): Promise<string[]> {
  if (existsSync(join(ROOT, "cgroup.procs"))) return [ROOT];
  return (await foldersIn(ROOT)).map((name) => join(ROOT, name));
}

async function groupsBelow(path: string): Promise<string[]> {
  const inner = (await foldersIn(path)).map((name) => join(path, name));
  return [...inner, ...(await Promise.all(inner.map(groupsBelow))).flat()];
}

async function foldersIn(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** False while a process is left in it. */
async function removeGroup(path: string): Promise<boolean> {
  for (const inner of await foldersIn(path)) if (!(await removeGroup(join(path, inner)))) return false;
  try {
    await rmdir(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return true;
    if (errorCode(error) === "EBUSY") return false;
    throw error;
  }
}

async function readOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}

async function writeIfThere(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: "r+" });
  } catch (error) {
    if (!isMissing(error) && errorCode(error) !== "ENODEV") throw error;
  }
}
