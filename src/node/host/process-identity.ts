import { readFileSync } from "node:fs";

/** A process, told from a later one that got the same number by when it started. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from the start of the machine, as in /proc/<pid>/stat. */
  readonly startTime: string;
}

/** Null when there is no such process. */
export function identityOf(pid: number): ProcessIdentity | null {
  const startTime = statFields(pid)?.[START_TIME];
  return startTime === undefined ? null : { pid, startTime };
}

export function isAlive(identity: ProcessIdentity): boolean {
  const fields = statFields(identity.pid);
  return fields?.[START_TIME] === identity.startTime && fields[STATE] !== "Z";
}

export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Counted from the field after the command's name, which may itself hold spaces and brackets (proc(5)). */
const STATE = 0;
const START_TIME = 19;

function statFields(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}
