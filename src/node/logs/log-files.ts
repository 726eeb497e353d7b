import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isMissing } from "../host/state-file.ts";

export type LogType = "stdout" | "stderr";

/** One file of a task's output; the output goes on in the file with the next number. */
export interface LogFile {
  readonly number: number;
  readonly path: string;
}

/** `<task>.stdout.0` and so on, as Nomad names them. */
export function logFile(folder: string, task: string, type: LogType, number: number): LogFile {
  return { number, path: join(folder, `${task}.${type}.${number}`) };
}

/** The files that are still there, the oldest first. */
export async function logFiles(folder: string, task: string, type: LogType): Promise<LogFile[]> {
  const names = await readdir(folder).catch((error) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const head = `${task}.${type}.`;
  return names
    .filter((name) => name.startsWith(head) && /^\d+$/.test(name.slice(head.length)))
    .map((name) => logFile(folder, task, type, Number(name.slice(head.length))))
    .sort((a, b) => a.number - b.number);
}
