import { Batches } from "./batches.ts";
import { command } from "./command.ts";

/** Milliseconds. Tasks may leave very many files. */
const PATIENCE = 3_600_000;

/**
 * One program removes all that is asked for while another is at it. Beside the agent, not in it: file by file it would
 * take the agent's threads, and these one another's locks in the file system.
 */
const removing = new Batches<string>(async (paths) => {
  await command("rm", ["-rf", "--", ...paths], { timeout: PATIENCE });
});

/** Removes a folder and all that is in it; one that is not there is no error. */
export function removeTree(path: string): Promise<void> {
  return removing.add(path);
}
