import { constants } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Template } from "#model/job/template.ts";
import type { TaskFolder } from "../allocation/folders.ts";
import type { TaskView } from "../drivers/driver.ts";
import { interpolate, type References } from "../environment/interpolation.ts";
import type { Account } from "../host/accounts.ts";
import { containedPath, EscapeError } from "../host/contained-path.ts";

/** Where a task's files are, and whose they shall be. */
export interface TaskFiles {
  readonly folder: TaskFolder;
  /** The folders as the task sees them: a path may be given so. */
  readonly view: TaskView;
  readonly owner: Account;
  readonly references: References;
}

/** Writes what a template has come to. */
export async function writeTemplate(template: Template, text: string, files: TaskFiles): Promise<void> {
  const owner = { uid: template.Uid ?? files.owner.uid, gid: template.Gid ?? files.owner.gid };
  await writeFileOfTask(
    template.DestPath,
    text,
    { ...files, owner: { ...files.owner, ...owner } },
    Number.parseInt(template.Perms, 8),
  );
}

/** Writes a file of a task, whole or not at all. */
export async function writeFileOfTask(
  path: string,
  text: string,
  files: TaskFiles,
  mode: number,
): Promise<void> {
  try {
    await writeWhole(fileOfTask(path, files), text, files.owner, mode);
  } catch (error) {
    if (error instanceof EscapeError) throw error;
    throw new Error(`"${path}" cannot be written: ${(error as Error).message}`);
  }
}

async function writeWhole(target: string, text: string, owner: Account, mode: number): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  // The file of an earlier start may have become the task's; a new one cannot be a link to elsewhere.
  const draft = `${target}.yurt-new`;
  await rm(draft, { force: true });
  const file = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    await file.writeFile(text);
    await file.chown(owner.uid, owner.gid);
    await file.chmod(mode);
  } finally {
    await file.close();
  }
  await rename(draft, target);
}

/**
 * Where on the host a path is that a job gives: as its task sees it, or from the task's folder. Throws an
 * EscapeError when it leads out of there.
 */
export function fileOfTask(path: string, files: TaskFiles): string {
  const { root, path: way } = place(interpolate(path, files.references), files);
  return containedPath(root, way);
}

/** The folder of the host that a path is in, and the way on from there. */
function place(path: string, { folder, view }: TaskFiles): { root: string; path: string } {
  const views = [
    { seen: view.alloc, root: folder.alloc },
    { seen: view.local, root: folder.local },
    { seen: view.secrets, root: folder.secrets },
    { seen: view.tmp, root: folder.tmp },
    { seen: folder.root, root: folder.root },
  ];
  const found = views.find(({ seen }) => path === seen || path.startsWith(`${seen}/`));
  if (found !== undefined) return { root: found.root, path: relative(found.seen, path) };
  return { root: folder.root, path: join(".", path) };
}
