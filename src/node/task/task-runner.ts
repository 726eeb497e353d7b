import type { TaskEvent, TaskState } from "#model/allocation.ts";
import type { AllocationId } from "#model/id.ts";
import type { Task } from "#model/job/task.ts";
import type { Log } from "#model/log.ts";
import { Pulse } from "#model/pulse.ts";
import { millisecond } from "#model/schema/duration.ts";
import type { Json } from "#model/schema/schema.ts";
import type { AllocationHome } from "../allocation/allocation-home.ts";
import {
  type AdoptedLaunch,
  type RunningTask,
  StartError,
  type TaskExit,
  type TaskLaunch,
} from "../drivers/driver.ts";
import type { AllocationRecords } from "../host/node-state.ts";
import type { ServerLink } from "../server-link.ts";
import type { Cores } from "./cores.ts";
import { DEFAULT_KILL_SIGNAL, type LaunchParts, launchOf, reservedCores, signalNamed } from "./launch.ts";
import { decideRestart, isLasting, noRestarts, type RestartHistory } from "./restart-policy.ts";
import * as events from "./task-events.ts";
import { TaskInputs } from "./task-inputs.ts";
import { TaskOutput } from "./task-output.ts";

/** What the node must know of a task after a restart. */
interface TaskRecord {
  readonly state: TaskState;
  readonly history: RestartHistory;
  /** What runs; null while nothing does. */
  readonly running: { readonly launch: AdoptedLaunch; readonly saved: Json } | null;
}

type RecordChange = Partial<Omit<TaskRecord, "state">> & { readonly state?: Partial<TaskState> };

/** What a task does now. Each phase leads to the next; only the last has none. */
type Phase =
  | { readonly kind: "start" }
  /** `surelyBegan` is false where an agent was killed as it let the task begin: perhaps it never did. */
  | { readonly kind: "run"; readonly task: RunningTask; readonly surelyBegan: boolean }
  /** `task` is null when nobody knows it any more. */
  | { readonly kind: "ended"; readonly exit: TaskExit; readonly task: RunningTask | null }
  /** Waits so many milliseconds before the next start. */
  | { readonly kind: "pause"; readonly delay: number }
  | { readonly kind: "dead" };

/** What others want of the task. */
type Order =
  | { readonly kind: "run" }
  | { readonly kind: "restart"; readonly countsAsFailure: boolean }
  /** `notBefore` in milliseconds since 1970. */
  | { readonly kind: "stop"; readonly notBefore: number }
  /** Ended for good, as a failure. */
  | { readonly kind: "fail"; readonly why: TaskEvent }
  /** The agent goes, the task stays. */
  | { readonly kind: "leave" };

export interface TaskRunnerOptions {
  readonly task: Task;
  readonly allocation: AllocationId;
  readonly home: AllocationHome;
  readonly link: ServerLink;
  readonly cores: Cores;
  readonly log: Log;
  /** Asked anew before each start: the job may have changed. */
  readonly parts: () => LaunchParts;
  /** Told of every new state. */
  readonly changed: () => void;
}

/** Milliseconds that a task may ask for at most to end by itself; as in Nomad. */
const LONGEST_KILL_TIMEOUT = 30_000;

/** Runs one task of an allocation, from its first start to its end. */
export class TaskRunner {
  readonly #parts: () => LaunchParts;
  readonly #changed: () => void;
  readonly #records: AllocationRecords;
  readonly #name: string;
  readonly #cores: Cores;
  /** By which its cores are known. */
  readonly #key: string;
  readonly #woken = new Pulse();
  readonly #inputs: TaskInputs;
  /** Aborts when the task is told anything else than to run. */
  #ordered = new AbortController();
  readonly output: TaskOutput;
  #record: TaskRecord;
  #order: Order = { kind: "run" };
  #hasBegun = false;
  #isHeld = false;
  #running: RunningTask | null = null;

  constructor({ task, allocation, home, link, cores, log, parts, changed }: TaskRunnerOptions) {
    this.#parts = parts;
    this.#changed = changed;
    this.#records = home.records;
    this.#name = `task ${task.Name}`;
    this.#cores = cores;
    this.#key = `${allocation} ${task.Name}`;
    this.#record = this.#records.read<TaskRecord>(this.#name) ?? {
      state: events.withEvent(events.newTaskState, events.received()),
      history: noRestarts,
      running: null,
    };
    this.output = new TaskOutput(home, task, log);
    this.#inputs = new TaskInputs({
      ...{ task, allocation, link, log, parts, records: home.records },
      reactions: {
        restart: (reason) => this.restart(reason),
        signal: (name, reason) => this.signal(name, reason),
        endAsFailure: (reason) => this.endAsFailure(reason),
        downloading: () => this.#add(events.downloading()),
        tell: (message) => this.#add(events.templateMessage(message)),
      },
    });
  }

  get state(): TaskState {
    return this.#record.state;
  }

  /** Null while nothing runs. */
  get running(): RunningTask | null {
    return this.#running;
  }

  get isDead(): boolean {
    return this.state.State === "dead";
  }

  /**
   * Resolves when the task is dead, or the agent leaves it. A task that an earlier agent started is taken over.
   * One that is held has everything made for it, and begins when it is released.
   */
  async run({ isHeld = false } = {}): Promise<void> {
    this.#hasBegun = true;
    this.#isHeld = isHeld;
    let phase = await this.#firstPhase();
    while (phase.kind !== "dead" && this.#order.kind !== "leave") phase = await this.#step(phase);
    this.#inputs.close();
    if (phase.kind === "dead") await this.output.close();
    else if (phase.kind === "run") phase.task.leave();
  }

  release(): void {
    this.#isHeld = false;
    this.#woken.fire();
  }

  /** Ends the task for good, at the earliest at `notBefore` (milliseconds since 1970). */
  stop(notBefore: number, ...why: readonly TaskEvent[]): void {
    if (this.isDead || this.#order.kind === "stop" || this.#order.kind === "fail") return;
    for (const event of why) this.#add(event);
    this.#give({ kind: "stop", notBefore });
  }

  /** Ends the task and starts it again, as often as it is told to or as its restart policy allows. */
  restart(reason: string, { countsAsFailure = false } = {}): void {
    if (this.isDead || this.#order.kind !== "run") return;
    this.#add(events.restartRequested(reason));
    this.#give({ kind: "restart", countsAsFailure });
  }

  signal(name: string, reason = "User sent signal"): void {
    const signal = signalNamed(name);
    this.#add(events.signaling(signal, reason));
    this.#running?.signal(signal);
  }

  warn(message: string): void {
    this.#add(events.warning(message));
  }

  /** Ends the task for good: it has done something that it must not, or not done what it must. */
  endAsFailure(reason: string): void {
    if (!this.isDead && this.#order.kind !== "stop") this.#fail(events.notRestarting(reason));
  }

  /** The task could not even be tried. */
  fail(reason: string): void {
    if (this.isDead) return;
    if (this.#hasBegun) this.#fail(events.setupFailure(reason));
    else this.#die(true, events.setupFailure(reason));
  }

  leave(): void {
    this.#give({ kind: "leave" });
    this.output.leave();
  }

  #fail(why: TaskEvent): void {
    this.#give({ kind: "fail", why });
  }

  #give(order: Order): void {
    this.#order = order;
    this.#ordered.abort();
    this.#woken.fire();
  }

  async #firstPhase(): Promise<Phase> {
    // An agent that was killed may not have kept all that a task wrote before it died.
    if (!this.isDead || this.state.StartedAt !== null) this.output.open();
    if (this.isDead) return { kind: "dead" };
    const { running, state } = this.#record;
    if (running === null) return { kind: "start" };
    try {
      await this.#reserveCores();
      const task = await this.#parts().driver.adopt(running.launch, running.saved, this.#tell);
      const surelyBegan = state.State !== "pending";
      if (!surelyBegan) this.#change({ state: { State: "running", StartedAt: now() } }, events.started());
      return { kind: "run", task, surelyBegan };
    } catch (error) {
      const reason = `the task was not found again after a restart of the agent: ${messageOf(error)}`;
      return { kind: "ended", exit: { kind: "lost", reason }, task: null };
    }
  }

  #step(phase: Exclude<Phase, { kind: "dead" }>): Phase | Promise<Phase> {
    switch (phase.kind) {
      case "start":
        if (this.#order.kind === "fail") return this.#die(true, this.#order.why);
        return this.#order.kind === "stop" ? this.#die(false) : this.#start();
      case "run":
        return this.#runOn(phase);
      case "ended":
        return this.#afterEnd(phase);
      case "pause":
        return this.#pause(phase.delay);
    }
  }

  async #start(): Promise<Phase> {
    this.#order = { kind: "run" };
    this.#ordered = new AbortController();
    const parts = this.#parts();
    this.#change({ running: null }, events.building());
    let launch: TaskLaunch | null;
    try {
      const { signal } = this.#ordered;
      launch = await launchOf(parts, (context) => this.#inputs.prepare(parts, context, signal), signal);
    } catch (error) {
      return this.#startFailed(events.setupFailure(messageOf(error)), error);
    }
    // Told to stop or to restart while it waited.
    if (launch === null) return { kind: "pause", delay: 0 };
    try {
      await this.#reserveCores();
      const prepared = await parts.driver.prepare(launch, this.#tell);
      if (!(await this.#mayBegin())) {
        await prepared.discard();
        return { kind: "pause", delay: 0 };
      }
      // Noted before it begins: an agent that is killed in between finds it, and starts no second one.
      this.#change({ running: { launch: adopted(launch), saved: prepared.saved } });
      await this.#records.kept();
      const task = await prepared.begin();
      this.#change({ state: { State: "running", StartedAt: now() } }, events.started());
      void this.#inputs.runFirstScripts(task);
      return { kind: "run", task, surelyBegan: true };
    } catch (error) {
      return this.#startFailed(events.driverFailure(messageOf(error)), error);
    }
  }

  /** False when it is told otherwise while it is held. */
  async #mayBegin(): Promise<boolean> {
    await this.#woken.until(() => !this.#isHeld || this.#order.kind !== "run");
    return this.#order.kind === "run";
  }

  /** What may succeed another time is tried as the restart policy says. */
  #startFailed(failure: TaskEvent, error: unknown): Phase {
    if (!(error instanceof StartError) || !error.isPassing)
      return this.#die(true, failure, events.notRestarting("Error was unrecoverable"));
    this.#add(failure);
    return this.#maybeAgain(false);
  }

  async #runOn(phase: Extract<Phase, { kind: "run" }>): Promise<Phase> {
    const { task } = phase;
    this.#running = task;
    this.#changed();
    let exit: TaskExit | null = null;
    void task.ended.then((how) => {
      exit = how;
      this.#woken.fire();
    });
    const hasEnded = () => exit !== null;
    const over = new AbortController();
    const launch = this.#record.running?.launch;
    if (launch !== undefined) void this.#inputs.watch(launch, task, over.signal);
    if (reservedCores(this.#parts()) === null) void this.#cores.share(task, over.signal);
    await this.#woken.until(() => hasEnded() || this.#order.kind !== "run");
    over.abort();
    if (!hasEnded() && this.#order.kind !== "leave") await this.#end(task, hasEnded);
    if (this.#order.kind === "leave") return phase;
    const how = await task.ended;
    this.#running = null;
    return how.kind === "lost" && !phase.surelyBegan ? { kind: "start" } : { kind: "ended", exit: how, task };
  }

  /** Asks it to end, and kills it when it does not. */
  async #end(task: RunningTask, hasEnded: () => boolean): Promise<void> {
    const { KillSignal, KillTimeout } = this.#parts().task;
    const isOver = () => hasEnded() || this.#order.kind === "leave";
    const delay = this.#order.kind === "stop" ? this.#order.notBefore - Date.now() : 0;
    if (delay > 0) {
      this.#add(events.waitingForShutdownDelay(delay));
      await this.#woken.until(isOver, AbortSignal.timeout(Math.ceil(delay)));
    }
    if (isOver()) return;
    const timeout = Math.min(KillTimeout / millisecond, LONGEST_KILL_TIMEOUT);
    const signal = signalNamed(KillSignal || DEFAULT_KILL_SIGNAL);
    this.#add(events.killing(signal, timeout));
    task.signal(signal);
    await this.#woken.until(isOver, AbortSignal.timeout(timeout));
    if (!isOver()) await task.kill();
  }

  async #afterEnd({ exit, task }: Extract<Phase, { kind: "ended" }>): Promise<Phase> {
    this.#change({ state: { State: "pending" }, running: null }, events.terminated(exit));
    const next = this.#next(exit);
    await this.#records.kept();
    await task?.forget();
    return next;
  }

  #next(exit: TaskExit): Phase {
    if (this.#order.kind === "stop") return this.#die(false, events.killed());
    if (this.#order.kind === "fail") return this.#die(true, this.#order.why);
    if (this.#order.kind === "restart")
      return this.#order.countsAsFailure ? this.#maybeAgain(false) : this.#again(0, "Restart requested");
    return this.#maybeAgain(exit.kind === "exited" && exit.code === 0);
  }

  /** As the restart policy says. */
  #maybeAgain(isSuccess: boolean): Phase {
    const { task, allocation } = this.#parts();
    const decision = decideRestart({
      policy: task.RestartPolicy,
      isLasting: isLasting(task, allocation.Job.Type),
      isSuccess,
      history: this.#record.history,
      now: Date.now(),
      random: Math.random,
    });
    if (decision.kind === "restart") {
      this.#change({ history: decision.history });
      return this.#again(decision.delay, decision.reason);
    }
    return decision.isFailed ? this.#die(true, events.notRestarting(decision.reason)) : this.#die(false);
  }

  #again(delay: number, reason: string): Phase {
    const { Restarts } = this.state;
    const state = { Restarts: Restarts + 1, LastRestart: now() };
    this.#change({ state }, events.restarting(delay, reason));
    return { kind: "pause", delay };
  }

  async #pause(delay: number): Promise<Phase> {
    if (delay > 0)
      await this.#woken.until(() => this.#order.kind !== "run", AbortSignal.timeout(Math.ceil(delay)));
    return { kind: "start" };
  }

  #reserveCores(): Promise<void> {
    return this.#cores.reserve(this.#key, reservedCores(this.#parts()) ?? []);
  }

  #die(isFailed: boolean, ...why: readonly TaskEvent[]): Phase {
    void this.#cores.release(this.#key);
    this.#change({ state: { State: "dead", Failed: isFailed, FinishedAt: now() } }, ...why);
    return { kind: "dead" };
  }

  readonly #tell = (message: string): void => this.#add(events.driverMessage(message));

  #add(...added: readonly TaskEvent[]): void {
    this.#change({}, ...added);
  }

  #change({ state, ...others }: RecordChange, ...added: readonly TaskEvent[]): void {
    const changed = added.reduce(events.withEvent, { ...this.state, ...state });
    this.#record = { ...this.#record, ...others, state: changed };
    this.#records.keep(this.#name, this.#record);
    this.#changed();
  }
}

function adopted(launch: AdoptedLaunch): AdoptedLaunch {
  const { id, allocation, stateFolder, folder, environment, account, networkNamespace, resolvConf } = launch;
  return { id, allocation, stateFolder, folder, environment, account, networkNamespace, resolvConf };
}

function now(): string {
  return new Date().toISOString();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
