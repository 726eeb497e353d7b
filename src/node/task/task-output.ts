import { join } from "node:path";
import type { Task } from "#model/job/task.ts";
import type { Log } from "#model/log.ts";
import type { AllocationHome } from "../allocation/allocation-home.ts";
import { LogCollector } from "../logs/log-collector.ts";
import type { LogType } from "../logs/log-files.ts";
import { outputFile, taskStateFolder } from "./launch.ts";

const MEGABYTE = 1024 * 1024;

/** What a task writes to its two outputs, collected into its logs; nothing when its job wants no logs. */
export class TaskOutput {
  readonly #collectors: ReadonlyMap<LogType, LogCollector>;
  #isOpen = false;

  constructor(home: AllocationHome, task: Task, log: Log) {
    const { Disabled, MaxFiles, MaxFileSizeMB } = task.LogConfig;
    const types: LogType[] = Disabled ? [] : ["stdout", "stderr"];
    const collector = (type: LogType) =>
      new LogCollector({
        task: task.Name,
        type,
        live: outputFile(home, task, type),
        folder: home.folder.logs,
        state: join(taskStateFolder(home, task.Name), `${type}.json`),
        maxFiles: MaxFiles,
        maxFileSize: MaxFileSizeMB * MEGABYTE,
        log,
      });
    this.#collectors = new Map(types.map((type) => [type, collector(type)]));
  }

  open(): void {
    this.#isOpen = true;
    for (const collector of this.#collectors.values()) collector.open();
  }

  /** Copies what is left. */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await Promise.all(this.#collectors.values().map((collector) => collector.close()));
  }

  /** The task writes on; whoever comes next copies it. */
  leave(): void {
    for (const collector of this.#collectors.values()) collector.leave();
  }

  /** Null once nothing more can come. */
  collector(type: LogType): LogCollector | null {
    return this.#isOpen ? (this.#collectors.get(type) ?? null) : null;
  }
}
