import { basename, dirname, isAbsolute, join } from "node:path";
import type { TaskFolder } from "../../allocation/folders.ts";
import { containedPath, EscapeError } from "../../host/contained-path.ts";
import { StartError } from "../driver.ts";

/**
 * Where a relative path of a job is on the host: in the task's folder, or by `../alloc` in the one that the
 * allocation's tasks share, as in Nomad. An absolute path is the host's own.
 */
export async function taskPath(path: string, folder: TaskFolder): Promise<string> {
  if (isAbsolute(path)) return path;
  const allocation = dirname(folder.root);
  try {
    const found = containedPath(allocation, join(basename(folder.root), path));
    if ([folder.root, folder.alloc].some((root) => `${found}/`.startsWith(`${root}/`))) return found;
  } catch (error) {
    if (!(error instanceof EscapeError)) throw error;
  }
  throw new StartError(`config: the path "${path}" leads out of the task's folder and the shared one`);
}
