import type { TaskEvent, TaskState } from "#model/allocation.ts";
import { formatDuration, millisecond } from "#model/schema/duration.ts";
import type { TaskExit } from "../drivers/driver.ts";

/** So many of a task's events are kept, the newest; as in Nomad. */
const KEPT = 10;

export const newTaskState: TaskState = {
  State: "pending",
  Failed: false,
  Restarts: 0,
  LastRestart: null,
  StartedAt: null,
  FinishedAt: null,
  Events: [],
};

export function withEvent(state: TaskState, event: TaskEvent): TaskState {
  return { ...state, Events: [...state.Events, event].slice(-KEPT) };
}

/**
 * What happens to a task, in words. Types, the names of details and the words that scripts look for
 * ("Exit Code", "Exceeded allowed attempts") are those of Nomad's API.
 */
function event(
  Type: string,
  DisplayMessage: string,
  Details: Readonly<Record<string, string>> = {},
): TaskEvent {
  return { Type, Time: Date.now() * millisecond, DisplayMessage, Details };
}

export const received = () => event("Received", "Task received by client");
export const building = () => event("Task Setup", "Building Task Directory");
export const downloading = () => event("Downloading Artifacts", "Client is downloading artifacts");
export const started = () => event("Started", "Task started by client");
export const killed = () => event("Killed", "Task successfully killed");

export const setupFailure = (reason: string) => event("Setup Failure", reason, { message: reason });

export const driverFailure = (reason: string) =>
  event("Driver Failure", `Failed to start the task: ${reason}`, { driver_error: reason });

export const driverMessage = (message: string) => event("Driver", message, { driver_message: message });

export function terminated(exit: TaskExit): TaskEvent {
  if (exit.kind === "lost") {
    return event("Terminated", `Exit Code unknown: ${exit.reason}`, { exit_message: exit.reason });
  }
  const { code, isOutOfMemory } = exit;
  const signal = code > 128 ? code - 128 : 0;
  const parts = [
    `Exit Code: ${code}`,
    ...(signal > 0 ? [`Signal: ${signal}`] : []),
    ...(isOutOfMemory
      ? ['Exit Message: "OOM Killed": the task used more memory than its resources allow']
      : []),
  ];
  return event("Terminated", parts.join(", "), {
    exit_code: String(code),
    signal: String(signal),
    oom_killed: String(isOutOfMemory),
  });
}

/** `delay` in milliseconds. */
export const restarting = (delay: number, reason: string) =>
  event("Restarting", `Task restarting in ${formatDuration(Math.round(delay) * millisecond)}`, {
    restart_reason: reason,
    start_delay: String(Math.round(delay) * millisecond),
  });

export const notRestarting = (reason: string) =>
  event("Not Restarting", reason, { restart_reason: reason, fails_task: "true" });

/** `timeout` in milliseconds. */
export const killing = (signal: string, timeout: number) =>
  event(
    "Killing",
    `Sent ${signal === "SIGINT" ? "interrupt" : signal}. Waiting ${formatDuration(timeout * millisecond)} before force killing`,
    { kill_timeout: String(timeout * millisecond) },
  );

export const waitingForShutdownDelay = (delay: number) =>
  event(
    "Waiting for shutdown delay",
    `Waiting for shutdown_delay of ${formatDuration(delay * millisecond)} before killing the task.`,
  );

export const restartRequested = (reason: string) =>
  event("Restart Signaled", reason, { restart_reason: reason });

export const signaling = (signal: string, reason: string) =>
  event("Signaling", `Task being sent signal ${signal}: ${reason}`, { signal, task_signal_reason: reason });

export const siblingFailed = (sibling: string) =>
  event("Sibling Task Failed", `Task's sibling "${sibling}" failed`, { failed_sibling: sibling });

export const leaderDead = () => event("Leader Task Dead", "Leader Task in Group dead");

export const mainTasksDead = () => event("Main Tasks Dead", "Main tasks in the group died");

export const templateMessage = (message: string) => event("Template", message, { message });

export const warning = (message: string) => event("Warning", message, { message });
