import type { AllocatedPort } from "#model/allocation.ts";
import type { AllocationId } from "#model/id.ts";
import type { Json } from "#model/schema/schema.ts";
import type { TaskFolder } from "../allocation/folders.ts";
import type { Account, UserSpace } from "../host/accounts.ts";
import type { ExecRequest, ExecSession } from "./exec-session.ts";

/** How a task came to its end. */
export type TaskExit =
  | {
      readonly kind: "exited";
      /** As a shell reports it: 128 and the signal's number for a process that a signal ended. */
      readonly code: number;
      readonly isOutOfMemory: boolean;
    }
  /** Nobody was there to see it: the machine was restarted, or what watches over the task was killed too. */
  | { readonly kind: "lost"; readonly reason: string };

/** Something of the host that a task sees at another place. */
export interface Mount {
  readonly source: string;
  readonly destination: string;
  readonly readOnly: boolean;
  /** How mounts that are made below it later spread; null for not at all. */
  readonly propagation?: "rslave" | "rshared" | null;
}

/** All that a driver must know to start a task. Text is interpolated already. */
export interface TaskLaunch {
  /** Unique on the machine; fit for a file's name. */
  readonly id: string;
  readonly allocation: AllocationId;
  readonly name: string;
  readonly config: Readonly<Record<string, Json>>;
  readonly environment: Readonly<Record<string, string>>;
  /** As the job names it; empty where it names none. */
  readonly user: string;
  readonly account: Account;
  readonly folder: TaskFolder;
  /** A folder of the driver's own, which no task can see. */
  readonly stateFolder: string;
  /** Files that the task's output is appended to. */
  readonly stdout: string;
  readonly stderr: string;
  /** The path of the network namespace to run in; null for the host's. */
  readonly networkNamespace: string | null;
  /** Of the allocation in its own network; null in the host's. */
  readonly address: string | null;
  readonly ports: readonly AllocatedPort[];
  /** What the task shall see as /etc/resolv.conf; null for the host's. */
  readonly resolvConf: string | null;
  readonly mounts: readonly Mount[];
  /** MHz. */
  readonly cpu: number;
  /** The numbers of the processors that it may run on; null for all. */
  readonly cores: readonly number[] | null;
  readonly memoryMB: number;
  /** 0 for no more than `memoryMB`, -1 for no limit. */
  readonly memoryMaxMB: number;
}

/** Where a task finds its folders, as it sees them itself. */
export interface TaskView {
  readonly alloc: string;
  readonly local: string;
  readonly secrets: string;
  readonly tmp: string;
}

export interface ResourceUsage {
  /** Processor time since the task started, of the processes that still run. Milliseconds. */
  readonly cpuTime: number;
  /** Bytes in memory that are the task's alone or shared. */
  readonly memory: number;
  readonly pids: readonly number[];
}

/** A task for which all is made, and whose program has not begun. It is gone when the agent is. */
export interface PreparedTask {
  /** With this the driver finds the task again after a restart of the agent, once it has begun. */
  readonly saved: Json;
  /** Throws a {@link StartError}. */
  begin(): Promise<RunningTask>;
  /** It shall not begin any more: takes away what was made. */
  discard(): Promise<void>;
}

/** A task that runs, or has ended and was not yet told so. */
export interface RunningTask {
  /** A process in the task's network namespace. */
  readonly pid: number;
  /** Resolves once everything that the task had started is gone as well. */
  readonly ended: Promise<TaskExit>;
  /** Sends a signal, such as `SIGINT`, to the task's own process. */
  signal(name: NodeJS.Signals): void;
  /** Ends it at once, with all that it started. */
  kill(): Promise<void>;
  exec(request: ExecRequest): Promise<ExecSession>;
  usage(): Promise<ResourceUsage>;
  /** Lets it run on these processors alone from now on. */
  confine(cores: readonly number[]): Promise<void>;
  /** Watches it no longer, and lets it run. */
  leave(): void;
  /** How it ended is on record: what would tell the next agent is taken away. */
  forget(): Promise<void>;
}

/** Tells of a step towards a task's start, or of a trouble that it may get over; it goes into the task's events. */
export type Tell = (message: string) => void;

/** Where a driver's tasks can share the network of an allocation only when something of the driver's own holds it. */
export interface NetworkHolder {
  /** Gives a process in the network namespace, which is made unless it is there. */
  hold(allocation: AllocationId): Promise<number>;
  release(allocation: AllocationId): Promise<void>;
}

/** A way to run tasks. */
export interface Driver {
  readonly users: UserSpace;
  /** Whether what runs its tasks is a program of its own, which may come and go. */
  readonly needsDaemon: boolean;
  /** Null when tasks can be run, else why not and what to do. */
  obstacle(): Promise<string | null>;
  /** The user of tasks that name none. */
  readonly defaultUser: string;
  view(folder: TaskFolder): TaskView;
  /** What the task sees of a mount: its destination, or its source where the driver mounts nothing. */
  locate(mount: Mount): string;
  /** Throws a {@link StartError}. What an interrupted start of the same task has left is removed first. */
  prepare(launch: TaskLaunch, tell: Tell): Promise<PreparedTask>;
  /** Takes over a task that an agent before this one has let begin, whether it still runs or not. */
  adopt(launch: AdoptedLaunch, saved: Json, tell: Tell): Promise<RunningTask>;
  /** Null where tasks join a network namespace by its path. */
  readonly networks: NetworkHolder | null;
  /** Removes what an agent of the same name has left of allocations that are not known any more. */
  removeOthers(isKnown: (allocation: string) => boolean): Promise<void>;
}

/** What of a launch is still needed when the task runs. */
export type AdoptedLaunch = Pick<
  TaskLaunch,
  | "id"
  | "allocation"
  | "stateFolder"
  | "folder"
  | "environment"
  | "account"
  | "networkNamespace"
  | "resolvConf"
>;

/** A task could not be started. Its message goes into the task's events. */
export class StartError extends Error {
  override readonly name = "StartError";
  /** Whether it may succeed another time: the restart policy then decides, as after a failure of the task itself. */
  readonly isPassing: boolean;

  constructor(message: string, { isPassing = false }: { readonly isPassing?: boolean } = {}) {
    super(message);
    this.isPassing = isPassing;
  }
}
