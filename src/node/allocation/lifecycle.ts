import type { TaskState } from "#model/allocation.ts";
import type { Task } from "#model/job/task.ts";

/** When a task runs in the life of its allocation. */
export type Part = "prestart" | "main" | "poststart" | "poststop";

export function partOf({ Lifecycle }: Pick<Task, "Lifecycle">): Part {
  return Lifecycle?.Hook ?? "main";
}

/** Runs as long as the main tasks, and ends after them. */
export function isSidecar({ Lifecycle }: Pick<Task, "Lifecycle">): boolean {
  return Lifecycle?.Sidecar ?? false;
}

/** Whether what comes after may start: a hook's work is done, anything else runs. */
export function isUnderWay(task: Pick<Task, "Lifecycle">, { State, Failed }: TaskState): boolean {
  const isDone = State === "dead" && !Failed;
  const isHook = partOf(task) !== "main" && !isSidecar(task);
  return isHook ? isDone : State === "running" || (partOf(task) === "main" && isDone);
}

/** A task with its state. */
export interface TaskNow {
  readonly task: Task;
  readonly state: TaskState;
}

/** Why an allocation whose main tasks were started is over; null while it goes on. */
export type Outcome =
  | { readonly kind: "task failed"; readonly task: string }
  | { readonly kind: "leader ended" }
  | { readonly kind: "main tasks ended" };

/** The first task that has failed for good. */
export function failureOf(tasks: readonly TaskNow[]): Outcome | null {
  const failed = tasks.find(({ state }) => state.State === "dead" && state.Failed);
  return failed === undefined ? null : { kind: "task failed", task: failed.task.Name };
}

export function outcomeOf(tasks: readonly TaskNow[]): Outcome | null {
  const failure = failureOf(tasks);
  if (failure !== null) return failure;
  if (tasks.some(({ task, state }) => task.Leader && state.State === "dead")) return { kind: "leader ended" };
  const main = tasks.filter(({ task }) => partOf(task) === "main");
  return main.every(({ state }) => state.State === "dead") ? { kind: "main tasks ended" } : null;
}
