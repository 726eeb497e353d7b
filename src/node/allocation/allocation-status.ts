import type { ClientStatus, TaskState } from "#model/allocation.ts";

export interface AllocationStatus {
  readonly status: ClientStatus;
  readonly description: string;
}

/**
 * What an allocation is, as its tasks are. It is over only when nothing of it is left on the host: its ports
 * and its memory may then go to another.
 */
export function statusOf(states: readonly TaskState[], isEnded: boolean): AllocationStatus {
  const hasFailed = states.some(({ State, Failed }) => State === "dead" && Failed);
  if (isEnded) {
    return hasFailed
      ? { status: "failed", description: "Failed tasks" }
      : { status: "complete", description: "All tasks have completed" };
  }
  if (states.some(({ State }) => State === "running")) {
    return { status: "running", description: "Tasks are running" };
  }
  return states.some(({ StartedAt }) => StartedAt !== null)
    ? {
        status: "running",
        description: hasFailed ? "Failed tasks are cleared away" : "Tasks are between two runs",
      }
    : { status: "pending", description: "No tasks have started" };
}
