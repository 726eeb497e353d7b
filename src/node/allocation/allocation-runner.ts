import { type AllocationUpdate, isTerminal, type TaskEvent } from "#model/allocation.ts";
import type { AllocationId } from "#model/id.ts";
import { readProxyKind } from "#model/job/proxy-kind.ts";
import { Pulse } from "#model/pulse.ts";
import { millisecond } from "#model/schema/duration.ts";
import { AllocationChecks } from "../checks/allocation-checks.ts";
import { unmountBelow } from "../host/mounts.ts";
import { removeTree } from "../host/remove-tree.ts";
import type { NodeContext } from "../node-context.ts";
import type { AssignedAllocation } from "../server-link.ts";
import { checkedTasks } from "../task/checked-tasks.ts";
import * as events from "../task/task-events.ts";
import { TaskRunner } from "../task/task-runner.ts";
import { HealthJudge } from "./allocation-health.ts";
import {
  ALLOCATION,
  type AllocationHome,
  type AllocationRecord,
  groupOf,
  NETWORK,
  openHome,
} from "./allocation-home.ts";
import { AllocationListeners } from "./allocation-listeners.ts";
import { AllocationServices } from "./allocation-services.ts";
import { statusOf } from "./allocation-status.ts";
import { AllocationTasks } from "./allocation-tasks.ts";
import type { ConnectProxy } from "./connect-proxy.ts";
import { drain, untilAnswered } from "./envoy-admin.ts";
import { inheritDisk } from "./inherited-disk.ts";
import { isSidecar, type Outcome, partOf } from "./lifecycle.ts";
import { runsTooLong } from "./max-run-time.ts";
import { detach, servicePlace, setUp } from "./set-up.ts";

/** What an allocation does now. Each phase leads to the next; only the last has none. */
type Phase =
  | { readonly kind: "set up" }
  | { readonly kind: "prestart" }
  | { readonly kind: "main" }
  /** `why` is told to each task that is ended. */
  | { readonly kind: "stop"; readonly why: readonly TaskEvent[] }
  | { readonly kind: "poststop" }
  | { readonly kind: "tear down" }
  | { readonly kind: "ended" };

/** Milliseconds. In that time other proxies learn that an instance is gone, and requests under way come to an end. */
const MESH_DRAIN = 250;
/** Milliseconds after which it is said what a proxy does not do yet. */
const PROXY_PATIENCE = 10_000;
/** Milliseconds. Requests that take longer than that are cut off, unless the group's `shutdown_delay` gives them more. */
const ANSWER_PATIENCE = 5000;
/** The agent goes, the tasks stay: whoever waits for something of the allocation is to stop waiting. */
class Left extends Error {}

/** Runs one allocation, from its network to its last task's end. */
export class AllocationRunner {
  readonly id: AllocationId;
  readonly #context: NodeContext;
  readonly #home: AllocationHome;
  readonly #report: (update: AllocationUpdate) => void;
  /** The end of the allocation that this one replaces, where that is on this node. */
  readonly #predecessor: () => Promise<void> | undefined;
  readonly #changed = new Pulse();
  readonly #listeners: AllocationListeners;
  readonly #checks: AllocationChecks;
  readonly #health: HealthJudge;
  readonly #services: AllocationServices;
  readonly #runners = new Map<string, TaskRunner>();
  readonly #tasks: AllocationTasks;
  readonly #proxies = new Map<string, ConnectProxy>();
  /** Aborts when nothing is left to be watched. */
  readonly #over = new AbortController();
  #record: AllocationRecord;
  /** Aborts when the allocation is to end, or to be left. */
  readonly #stopping = new AbortController();
  #ran: Promise<void> = Promise.resolve();
  /** Resolves when its tasks may begin, or cannot. */
  #joined: Promise<void> = Promise.resolve();
  #hasJoined = false;
  #hasLeft = false;
  #hasStarted = false;
  /** Its services are out of the catalog, or about to be. */
  #isLeaving = false;
  #forgotten: Promise<void> | null = null;

  private constructor(
    context: NodeContext,
    assignment: AssignedAllocation,
    home: AllocationHome,
    report: (update: AllocationUpdate) => void,
    predecessor: () => Promise<void> | undefined,
  ) {
    this.id = assignment.ID;
    this.#context = context;
    this.#home = home;
    this.#report = report;
    this.#predecessor = predecessor;
    const known = home.records.read<AllocationRecord>(ALLOCATION);
    this.#record = { health: null, isEnded: false, ...known, assignment };
    if (assignment.DesiredStatus !== "run") this.#stopping.abort();
    this.#services = new AllocationServices(context, this.id, () =>
      servicePlace(context, this.#assignment, home),
    );
    this.#tasks = new AllocationTasks(() => groupOf(this.#assignment), this.#runners);
    const checked = checkedTasks(this.#runners, () => this.#tasks.namesOf("main"));
    this.#listeners = new AllocationListeners({
      ...{ log: context.log, allocation: this.id, tasks: this.#runners, proxies: this.#proxies },
      changed: () => this.#changed.fire(),
    });
    this.#checks = new AllocationChecks(this.#listeners.watch, checked, context.reportCheck);
    this.#health = new HealthJudge({
      ...{ tasks: this.#tasks, checks: this.#checks, changed: this.#changed },
      found: (health) => {
        this.#save({ health });
        this.#taskChanged();
      },
    });
    for (const task of groupOf(assignment).Tasks) {
      const runner = new TaskRunner({
        ...{ task, allocation: assignment.ID, home, link: context.link, cores: context.cores },
        log: context.log,
        parts: () => this.#partsOf(task.Name),
        changed: () => this.#taskChanged(),
      });
      this.#runners.set(task.Name, runner);
    }
    this.#save({});
  }

  /** An allocation that is new, or one that an agent before this one ran. */
  static async open(
    context: NodeContext,
    assignment: AssignedAllocation,
    report: (update: AllocationUpdate) => void,
    predecessor: () => Promise<void> | undefined,
  ): Promise<AllocationRunner> {
    const home = await context.turns.run(() => openHome(context, assignment));
    return new AllocationRunner(context, assignment, home, report, predecessor);
  }

  get isEnded(): boolean {
    return this.#record.isEnded;
  }

  get home(): AllocationHome {
    return this.#home;
  }

  get tasks(): ReadonlyMap<string, TaskRunner> {
    return this.#runners;
  }

  /** Of the task's Envoy; null when the task is no proxy. */
  adminSocket(task: string): string | null {
    return this.#proxies.get(task)?.adminSocket ?? null;
  }

  /** Resolves when all is over and taken away from the host, or the agent leaves it. */
  run(): Promise<void> {
    this.#ran = this.#run();
    return this.#ran;
  }

  async #run(): Promise<void> {
    let phase: Phase = { kind: this.isEnded ? "ended" : "set up" };
    try {
      while (phase.kind !== "ended") phase = await this.#step(phase);
    } catch (error) {
      if (!(error instanceof Left)) throw error;
    }
  }

  /** Takes in what the servers want of the allocation now. */
  async update(assignment: AssignedAllocation): Promise<void> {
    // All of a node's allocations are told anew when one of them changes.
    if (wishOf(assignment) !== wishOf(this.#assignment)) await this.#change(assignment);
    // An agent that was killed may have taken the news of its end with it.
    if (this.isEnded && !isTerminal(assignment.ClientStatus)) this.#taskChanged();
  }

  async #change(assignment: AssignedAllocation): Promise<void> {
    const isJudgedAnew = assignment.DeploymentID !== this.#assignment.DeploymentID;
    this.#save({ assignment, ...(isJudgedAnew && { health: null }) });
    if (assignment.DesiredStatus !== "run") this.stop();
    if (this.#isStopped || this.#isLeaving || !this.#hasStarted) return;
    this.#changed.fire();
    await this.#joined;
    await this.#register();
    if (isJudgedAnew) this.#judge();
  }

  stop(): void {
    this.#stopping.abort();
    this.#changed.fire();
  }

  /** Leaves everything as it runs, for the next agent. Resolves when nothing that it had begun goes on. */
  async leave(): Promise<void> {
    this.#hasLeft = true;
    this.#stopping.abort();
    this.#over.abort();
    this.#checks.stop();
    for (const task of this.#runners.values()) task.leave();
    this.#changed.fire();
    await Promise.all([this.#ran, this.#joined]);
    await this.#tasks.ended();
    await Promise.all(this.#proxies.values().map((proxy) => proxy.leave()));
  }

  /** Removes its files. */
  forget(): Promise<void> {
    this.#forgotten ??= this.#forget().catch((error) => {
      this.#forgotten = null;
      throw error;
    });
    return this.#forgotten;
  }

  async #forget(): Promise<void> {
    this.#home.records.clear();
    await unmountBelow(this.#home.folder.root);
    await Promise.all([this.#home.folder.root, this.#home.state].map(removeTree));
  }

  #step(phase: Exclude<Phase, { kind: "ended" }>): Promise<Phase> {
    switch (phase.kind) {
      case "set up":
        return this.#setUp();
      case "prestart":
        return this.#prestart();
      case "main":
        return this.#main();
      case "stop":
        return this.#stop(phase.why);
      case "poststop":
        return this.#poststop();
      case "tear down":
        return this.#tearDown();
    }
  }

  async #setUp(): Promise<Phase> {
    this.#taskChanged();
    if (this.#isStopped && !this.#tasks.hasAnyRun()) return { kind: "stop", why: [] };
    try {
      if (!this.#tasks.hasAnyStarted()) await this.#inheritDisk();
      await this.#context.turns.run(() => this.#makeAndJoin());
    } catch (error) {
      if (error instanceof Left) throw error;
      this.#fail(error);
      return { kind: "stop", why: [] };
    }
    if (this.#services.hasAny()) void this.#listeners.run(this.#home.networkNamespace, this.#over.signal);
    this.#judge();
    this.#hasStarted = true;
    return { kind: "prestart" };
  }

  /** Resolves when tasks can be made. What they need before they begin goes on meanwhile. */
  async #makeAndJoin(): Promise<void> {
    const allocation = this.#assignment;
    const { proxies, joined } = await setUp({
      ...{ context: this.#context, allocation, home: this.#home, services: this.#services },
      isFirstTime: !this.#tasks.hasAnyStarted(),
      signal: this.#stopping.signal,
    });
    for (const [task, proxy] of proxies) this.#proxies.set(task, proxy);
    this.#joined = this.#join(allocation, joined).catch((error: unknown) => this.#fail(error));
  }

  async #join(allocation: AssignedAllocation, joined: Promise<void>): Promise<void> {
    await joined;
    // It may have changed before its services were known.
    if (this.#assignment !== allocation) await this.#services.register(this.#stopping.signal);
    this.#hasJoined = true;
    this.#tasks.release("prestart");
    this.#changed.fire();
  }

  #fail(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#context.log.error("an allocation cannot be set up", { alloc: this.id, reason });
    for (const task of this.#runners.values()) task.fail(reason);
  }

  async #inheritDisk(): Promise<void> {
    const { dataFolder } = this.#context;
    await inheritDisk(dataFolder, this.#assignment, this.#predecessor(), this.#stopping.signal);
    await this.#until(() => true);
  }

  async #prestart(): Promise<Phase> {
    const tasks = this.#tasks.start("prestart", { isHeld: !this.#hasJoined });
    const proxies = tasks.filter((task) => this.#proxies.has(task));
    const patience = AbortSignal.timeout(PROXY_PATIENCE);
    const isReady = () =>
      this.#hasJoined && this.#tasks.areUnderWay(tasks) && this.#listeners.areComplete(proxies);
    const isOver = () => this.#isStopped || isReady() || this.#tasks.failure() !== null;
    // While the proxies start, everything is made for the tasks that wait for them; hooks may bring what these need.
    // What keeps the processors busy comes later: a proxy is what all wait for.
    const first = tasks.filter((task) => !this.#proxies.has(task) || !this.#partsOf(task).driver.needsDaemon);
    await this.#until(() => isOver() || this.#tasks.areUnderWay(first), patience);
    if (!this.#isStopped && this.#tasks.areUnderWay(first)) this.#tasks.start("main", { isHeld: true });
    await this.#until(isOver, patience);
    if (!isOver()) this.#listeners.warnOfMissing(proxies);
    await this.#until(isOver);
    const failure = this.#tasks.failure();
    if (failure !== null) return { kind: "stop", why: whyOf(failure) };
    return this.#isStopped ? { kind: "stop", why: [] } : { kind: "main" };
  }

  async #main(): Promise<Phase> {
    const main = this.#tasks.start("main");
    this.#tasks.release("main");
    this.#checks.start(this.#services.planned().checks);
    const outcome = () => this.#tasks.outcome();
    const isOver = () => this.#isStopped || outcome() !== null;
    await this.#until(() => isOver() || this.#tasks.areUnderWay(main));
    if (!isOver()) this.#tasks.start("poststart");
    const over = new AbortController();
    void this.#limitRunTime(over.signal);
    await this.#until(isOver).finally(() => over.abort());
    const reached = outcome();
    return { kind: "stop", why: this.#isStopped || reached === null ? [] : whyOf(reached) };
  }

  async #limitRunTime(signal: AbortSignal): Promise<void> {
    const time = {
      allowed: () => groupOf(this.#assignment).MaxRunDuration,
      startedAt: () => this.#tasks.startedAt(),
      changed: this.#changed,
    };
    const reason = await runsTooLong(time, signal);
    if (reason === null) return;
    for (const name of this.#tasks.namesOf("main")) this.#runners.get(name)?.endAsFailure(reason);
  }

  /** Out of the mesh first, then the leader, then the other tasks, and what serves them last. */
  async #stop(why: readonly TaskEvent[]): Promise<Phase> {
    this.#isLeaving = true;
    this.#checks.stop();
    await this.#joined;
    await this.#services.leave();
    const proxies = this.#proxies
      .values()
      .map(({ adminSocket }) => adminSocket)
      .toArray();
    await Promise.all(proxies.map(drain));
    const leftAt = Date.now();
    const { ShutdownDelay, Tasks } = groupOf(this.#assignment);
    const usual = this.#proxies.size > 0 ? MESH_DRAIN : 0;
    const serving = Tasks.filter((task) => !isSidecar(task) && partOf(task) !== "poststop");
    const delay = ShutdownDelay === null ? usual : ShutdownDelay / millisecond;
    if (delay > 0) await this.#untilDead(serving, AbortSignal.timeout(delay));
    if (ShutdownDelay === null) await untilAnswered(proxies, AbortSignal.timeout(ANSWER_PATIENCE));
    for (const tasks of [serving.filter(({ Leader }) => Leader), serving, Tasks.filter(isSidecar)]) {
      for (const task of tasks) {
        // By now nothing is left for which the proxy of a service would have to stay.
        const wait = readProxyKind(task.Kind)?.role === "proxy" ? 0 : task.ShutdownDelay / millisecond;
        this.#runners.get(task.Name)?.stop(leftAt + wait, ...why);
        this.#tasks.startOne(task.Name);
      }
      await this.#untilDead(tasks);
    }
    return { kind: "poststop" };
  }

  async #poststop(): Promise<Phase> {
    const after = groupOf(this.#assignment).Tasks.filter((task) => partOf(task) === "poststop");
    for (const { Name } of after) {
      if (!this.#hasStarted) this.#runners.get(Name)?.stop(0);
      this.#tasks.startOne(Name);
    }
    await this.#untilDead(after);
    return { kind: "tear down" };
  }

  async #tearDown(): Promise<Phase> {
    this.#over.abort();
    await this.#tasks.ended();
    await Promise.all([
      ...this.#proxies.values().map((proxy) => proxy.close()),
      detach(this.#context, this.#assignment, this.#home),
      unmountBelow(this.#home.folder.root),
    ]);
    this.#home.records.remove(NETWORK);
    this.#save({ isEnded: true });
    this.#taskChanged();
    return { kind: "ended" };
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  get #assignment(): AssignedAllocation {
    return this.#record.assignment;
  }

  #partsOf(name: string) {
    const group = groupOf(this.#assignment);
    const task = group.Tasks.find(({ Name }) => Name === name);
    const driver = this.#context.drivers[task?.Driver ?? ""];
    if (task === undefined || driver === undefined) {
      throw new Error(`the driver "${task?.Driver ?? ""}" of the task "${name}" is not known on this node`);
    }
    return {
      ...{ context: this.#context, allocation: this.#assignment, group, task, driver, home: this.#home },
      proxy: this.#proxies.get(name) ?? null,
    };
  }

  async #register(): Promise<void> {
    await this.#services.register(this.#stopping.signal);
    if (this.#hasStarted) this.#checks.start(this.#services.planned().checks);
  }

  #untilDead(tasks: readonly { readonly Name: string }[], signal?: AbortSignal): Promise<void> {
    return this.#until(() => this.#tasks.areDead(tasks), signal);
  }

  async #until(condition: () => boolean, signal?: AbortSignal): Promise<void> {
    await this.#changed.until(() => this.#hasLeft || condition(), signal);
    if (this.#hasLeft) throw new Left();
  }

  #judge(): void {
    if (this.#record.health === null) void this.#health.judge(this.#assignment, this.#over.signal);
  }

  #taskChanged(): void {
    this.#listeners.watch.hurry();
    this.#changed.fire();
    if (!this.#hasLeft) this.#report(this.#snapshot());
  }

  #snapshot(): AllocationUpdate {
    const states = [...this.#runners].map(([name, task]) => [name, task.state] as const);
    const { status, description } = statusOf(
      states.map(([, state]) => state),
      this.isEnded,
    );
    const { network } = this.#home;
    return {
      ID: this.id,
      ClientStatus: status,
      ClientDescription: description,
      TaskStates: Object.fromEntries(states),
      DeploymentHealthy: this.#record.health,
      DeploymentID: this.#assignment.DeploymentID,
      NetworkStatus: network && { InterfaceName: network.interface, Address: network.address },
    };
  }

  #save(change: Partial<AllocationRecord>): void {
    this.#record = { ...this.#record, ...change };
    this.#home.records.keep(ALLOCATION, this.#record);
  }
}

/** What the servers want of an allocation, by which a change of it is known. */
function wishOf({ JobVersion, DesiredStatus, DeploymentID, DeploymentStatus }: AssignedAllocation): string {
  return [JobVersion, DesiredStatus, DeploymentID, DeploymentStatus?.Canary ?? false].join(" ");
}

function whyOf(outcome: Outcome): TaskEvent[] {
  switch (outcome.kind) {
    case "task failed":
      return [events.siblingFailed(outcome.task)];
    case "leader ended":
      return [events.leaderDead()];
    case "main tasks ended":
      return [events.mainTasksDead()];
  }
}
