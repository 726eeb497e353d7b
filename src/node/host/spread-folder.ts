import { mkdir } from "node:fs/promises";
import { command } from "./command.ts";

/**
 * Makes a folder whose folders have nothing to do with one another, and tells ext4 so (chattr(1), T), which then puts
 * each into a place of its own. Side by side they would be slow to make after many have gone: an ext4 without a
 * journal passes over everything that was removed there in the last minutes. Other file systems need no such hint.
 */
export async function makeSpread(path: string, mode: number): Promise<void> {
  await mkdir(path, { recursive: true, mode });
  await command("chattr", ["+T", path]).catch(() => {});
}
