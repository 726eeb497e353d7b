import type { AllocationId } from "#model/id.ts";
import { AllocationFiles } from "./allocation/allocation-files.ts";
import type { AllocationRunner } from "./allocation/allocation-runner.ts";
import { adminPage } from "./allocation/envoy-admin.ts";
import type { RegisteredChecks } from "./checks/registered-checks.ts";
import type { ExecRequest, ExecSession } from "./drivers/exec-session.ts";
import { type LogReading, readLogs } from "./logs/read-logs.ts";
import type { CheckUpdate } from "./server-link.ts";
import type { TaskRunner } from "./task/task-runner.ts";

/** What was asked for is not here, or not now. The message is for people. */
export class NotHereError extends Error {
  override readonly name = "NotHereError";
  /** Of an answer over HTTP. */
  readonly statusCode = 404;
}

export interface TaskUsage {
  /** Processor time since the task started, in milliseconds. */
  readonly cpuTime: number;
  /** Bytes. */
  readonly memory: number;
  readonly pids: readonly number[];
}

/** What may be asked of the allocations on a node, and ordered, beside what their job says. */
export class NodeAccess {
  readonly #runners: ReadonlyMap<AllocationId, AllocationRunner>;
  readonly #checks: RegisteredChecks;

  constructor(runners: ReadonlyMap<AllocationId, AllocationRunner>, checks: RegisteredChecks) {
    this.#runners = runners;
    this.#checks = checks;
  }

  /** Somebody told the status of a check that was registered by hand. */
  checkTold(update: CheckUpdate): void {
    this.#checks.told(update);
  }

  /** The output of a task; with `follow` until the task is dead or `signal` aborts. */
  logs(allocation: AllocationId, task: string, reading: LogReading): AsyncIterable<Uint8Array> {
    const { home } = this.#runner(allocation);
    const { output } = this.#task(allocation, task);
    return readLogs(home.folder.logs, task, reading, output.collector(reading.type));
  }

  async exec(allocation: AllocationId, task: string, request: ExecRequest): Promise<ExecSession> {
    const { running } = this.#task(allocation, task);
    if (running === null) throw new NotHereError(`the task "${task}" does not run`);
    return running.exec(request);
  }

  /** One task, or all that run when `task` is null. */
  async restart(allocation: AllocationId, task: string | null): Promise<void> {
    for (const each of this.#running(allocation, task)) each.restart("User requested the task to restart");
  }

  async signal(allocation: AllocationId, task: string | null, signal: string): Promise<void> {
    for (const each of this.#running(allocation, task)) each.signal(signal);
  }

  /** By task, of those that run. */
  async stats(allocation: AllocationId): Promise<Readonly<Record<string, TaskUsage>>> {
    const usages = await Promise.all(
      [...this.#runner(allocation).tasks].map(async ([name, { running }]) => {
        const usage = await running?.usage();
        return usage === undefined ? [] : [[name, usage] as const];
      }),
    );
    return Object.fromEntries(usages.flat());
  }

  files(allocation: AllocationId): AllocationFiles {
    return new AllocationFiles(this.#runner(allocation).home.folder.root);
  }

  /** A page of a proxy's admin interface; null when it does not answer. */
  async proxyAdmin(allocation: AllocationId, task: string, path: string): Promise<string | null> {
    const socket = this.#runner(allocation).adminSocket(task);
    if (socket === null) throw new NotHereError(`the task "${task}" is no proxy`);
    return adminPage(socket, path).catch(() => null);
  }

  #runner(allocation: AllocationId): AllocationRunner {
    const runner = this.#runners.get(allocation);
    if (runner === undefined) throw new NotHereError(`the allocation ${allocation} is not on this node`);
    return runner;
  }

  #task(allocation: AllocationId, name: string): TaskRunner {
    const { tasks } = this.#runner(allocation);
    const task = tasks.get(name);
    if (task === undefined) {
      const known = [...tasks.keys()].join(", ");
      throw new NotHereError(`the allocation has no task "${name}" (it has ${known})`);
    }
    return task;
  }

  #running(allocation: AllocationId, name: string | null): TaskRunner[] {
    const tasks =
      name === null ? [...this.#runner(allocation).tasks.values()] : [this.#task(allocation, name)];
    const running = tasks.filter((task) => task.running !== null);
    if (running.length === 0) {
      throw new NotHereError(
        name === null ? "no task of the allocation runs" : `the task "${name}" does not run`,
      );
    }
    return running;
  }
}
