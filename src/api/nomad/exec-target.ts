import { type Allocation, isTerminal } from "#model/allocation.ts";
import type { Action } from "#model/job/task.ts";
import { allocations, jobKey, jobVersions, versionKey } from "#server/tables.ts";
import type { State } from "#state/state.ts";

/** What is to be run in which task. */
export interface ExecTarget {
  readonly allocation: Allocation;
  readonly task: string;
  readonly command: readonly string[];
}

const EXEC = /^\/v1\/client\/allocation\/([0-9a-f-]{36})\/exec$/;
const ACTION = /^\/v1\/job\/([^/]+)\/action$/;

/** How the target of a WebSocket is found; null when its path leads to none. What is found throws errors in words. */
export function execTarget({ pathname, searchParams }: URL, state: State): (() => ExecTarget) | null {
  const read = (name: string) => searchParams.get(name) ?? "";
  const [, id] = EXEC.exec(pathname) ?? [];
  if (id !== undefined)
    return () => ({
      allocation: found(state, id),
      task: read("task"),
      command: readCommand(read("command")),
    });
  const [, job] = ACTION.exec(pathname) ?? [];
  if (job === undefined) return null;
  return () => actionTarget(state, { job: decodeURIComponent(job), read });
}

function found(state: State, id: string): Allocation {
  const allocation = state.get(allocations, id);
  if (allocation === undefined) throw new Error("alloc not found");
  return allocation;
}

function readCommand(text: string): string[] {
  try {
    const command: unknown = JSON.parse(text);
    if (Array.isArray(command) && command.length > 0 && command.every((word) => typeof word === "string"))
      return command;
  } catch {
    // Told below.
  }
  throw new Error('command must be a JSON list of words, such as ["ls", "-l"]');
}

interface ActionRequest {
  readonly job: string;
  readonly read: (name: string) => string;
}

/** The allocation that is named, or one that runs and has the action. */
function actionTarget(state: State, { job, read }: ActionRequest): ExecTarget {
  const named = read("allocID");
  const candidates =
    named === ""
      ? state
          .find(allocations, "job", jobKey(read("namespace") || "default", job))
          .filter(({ ClientStatus }) => !isTerminal(ClientStatus))
      : [found(state, named)];
  const name = read("action");
  for (const allocation of candidates) {
    const actions = actionsOf(state, allocation);
    const match = actions.find(
      ({ action, task, group }) => action.Name === name && is(read("task"), task) && is(read("group"), group),
    );
    if (match) return { allocation, task: match.task, command: [match.action.Command, ...match.action.Args] };
  }
  throw new Error(`no allocation of the job "${job}" that runs has the action "${name}"`);
}

function is(wanted: string, name: string): boolean {
  return wanted === "" || wanted === name;
}

/** What people may run by name in an allocation. */
function actionsOf(
  state: State,
  { Namespace, JobID, JobVersion, TaskGroup }: Allocation,
): { action: Action; task: string; group: string }[] {
  const job = state.get(jobVersions, versionKey(Namespace, JobID, JobVersion));
  const group = job?.TaskGroups.find(({ Name }) => Name === TaskGroup);
  return (group?.Tasks ?? []).flatMap(({ Name, Actions }) =>
    Actions.map((action) => ({ action, task: Name, group: TaskGroup })),
  );
}
