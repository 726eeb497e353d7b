import type { Log } from "#model/log.ts";
import type { RunningTask } from "../drivers/driver.ts";

/** Which tasks of the node have cores for themselves, and on which all others run meanwhile. */
export class Cores {
  readonly #all: readonly number[];
  readonly #log: Log;
  readonly #reserved = new Map<string, readonly number[]>();
  readonly #sharing = new Set<RunningTask>();

  constructor(all: readonly number[], log: Log) {
    this.#all = all;
    this.#log = log;
  }

  /** On these the tasks run that have none of their own; null for all, as long as no core is reserved. */
  get shared(): readonly number[] | null {
    const taken = new Set([...this.#reserved.values()].flat());
    const free = this.#all.filter((core) => !taken.has(core));
    return taken.size === 0 || free.length === 0 ? null : free;
  }

  /** Resolves when the others have left these cores. */
  async reserve(task: string, cores: readonly number[]): Promise<void> {
    if (cores.length === 0 || this.#reserved.has(task)) return;
    this.#reserved.set(task, cores);
    await this.#tellAll();
  }

  async release(task: string): Promise<void> {
    if (this.#reserved.delete(task)) await this.#tellAll();
  }

  /** Keeps a task that runs off the cores of others, until `signal` aborts. */
  async share(task: RunningTask, signal: AbortSignal): Promise<void> {
    this.#sharing.add(task);
    signal.addEventListener("abort", () => this.#sharing.delete(task), { once: true });
    if (this.shared !== null) await this.#tell(task, this.shared);
  }

  async #tellAll(): Promise<void> {
    const cores = this.shared ?? this.#all;
    await Promise.all(this.#sharing.values().map((task) => this.#tell(task, cores)));
  }

  async #tell(task: RunningTask, cores: readonly number[]): Promise<void> {
    try {
      await task.confine(cores);
    } catch (error) {
      if (this.#sharing.has(task))
        this.#log.warn("a task goes on running on cores that are another's", { pid: task.pid, error });
    }
  }
}
