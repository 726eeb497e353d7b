import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { StartError } from "./driver.ts";

/** A place where a program may be: as the task names it, and where the host has it. */
export interface Candidate {
  readonly asTask: string;
  readonly onHost: string;
}

/** The places where a command may be: the path that it gives, or each folder of PATH. */
export function candidates(command: string, path: string, toHost: (asTask: string) => string): Candidate[] {
  const paths = command.includes("/")
    ? [isAbsolute(command) ? command : join("/", command)]
    : path
        .split(":")
        .filter(isAbsolute)
        .map((folder) => join(folder, command));
  return paths.map((asTask) => ({ asTask, onHost: toHost(asTask) }));
}

/** The first candidate that can be run. Throws a {@link StartError} that says why none can. */
export async function firstRunnable(command: string, places: readonly Candidate[]): Promise<string> {
  let refused: string | null = null;
  for (const { asTask, onHost } of places) {
    const problem = await obstacle(onHost);
    if (problem === null) return asTask;
    if (problem !== MISSING) refused ??= `"${asTask}" ${problem}`;
  }
  throw new StartError(refused ?? missing(command, places));
}

const MISSING = "does not exist";

async function obstacle(path: string): Promise<string | null> {
  const found = await stat(path).catch(() => null);
  if (found === null) return MISSING;
  if (found.isDirectory()) return "is a folder, not a program";
  return access(path, constants.X_OK).then(
    () => null,
    () => "is not executable: give it the permission to be run (chmod +x)",
  );
}

function missing(command: string, places: readonly Candidate[]): string {
  const where = places.map(({ asTask }) => asTask).join(", ");
  return `the command "${command}" was not found: no executable file at ${where || "an empty PATH"}`;
}
