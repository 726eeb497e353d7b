import type { TaskGroup } from "#model/job/group.ts";
import type { TaskRunner } from "../task/task-runner.ts";
import {
  failureOf,
  isUnderWay,
  type Outcome,
  outcomeOf,
  type Part,
  partOf,
  type TaskNow,
} from "./lifecycle.ts";

interface Named {
  readonly Name: string;
}

/** The tasks of an allocation together: which of them run, and how far they are. */
export class AllocationTasks {
  readonly #group: () => TaskGroup;
  readonly #runners: ReadonlyMap<string, TaskRunner>;
  readonly #runs = new Map<string, Promise<void>>();

  /** `group` is asked anew each time: the job may have changed. */
  constructor(group: () => TaskGroup, runners: ReadonlyMap<string, TaskRunner>) {
    this.#group = group;
    this.#runners = runners;
  }

  /** Starts the tasks of one part, as far as they do not run, and gives their names. */
  start(part: Part, how?: { readonly isHeld: boolean }): string[] {
    const names = this.namesOf(part);
    for (const name of names) this.startOne(name, how);
    return names;
  }

  startOne(name: string, how?: { readonly isHeld: boolean }): void {
    const task = this.#runners.get(name);
    if (task !== undefined && !this.#runs.has(name)) this.#runs.set(name, task.run(how));
  }

  /** Lets the tasks of a part begin that were held. */
  release(part: Part): void {
    for (const name of this.namesOf(part)) this.#runners.get(name)?.release();
  }

  /** Resolves when nothing that was started goes on any more. */
  async ended(): Promise<void> {
    await Promise.all(this.#runs.values());
  }

  now(): TaskNow[] {
    return this.#group().Tasks.flatMap((task) => {
      const state = this.#runners.get(task.Name)?.state;
      return state === undefined ? [] : [{ task, state }];
    });
  }

  areUnderWay(names: readonly string[]): boolean {
    const now = this.now();
    return names.every((name) =>
      now.some(({ task, state }) => task.Name === name && isUnderWay(task, state)),
    );
  }

  areDead(tasks: readonly Named[]): boolean {
    return tasks.every(({ Name }) => this.#runners.get(Name)?.isDead ?? true);
  }

  failure(): Outcome | null {
    return failureOf(this.now());
  }

  outcome(): Outcome | null {
    return outcomeOf(this.now());
  }

  hasAnyRun(): boolean {
    return this.now().some(({ state }) => state.State !== "pending");
  }

  hasAnyStarted(): boolean {
    return this.now().some(({ state }) => state.StartedAt !== null);
  }

  /** When the first of them started, or now; milliseconds since 1970. */
  startedAt(): number {
    const starts = this.now().flatMap(({ state }) =>
      state.StartedAt === null ? [] : [Date.parse(state.StartedAt)],
    );
    return Math.min(Date.now(), ...starts);
  }

  namesOf(part: Part): string[] {
    return this.#group()
      .Tasks.filter((task) => partOf(task) === part)
      .map(({ Name }) => Name);
  }
}
