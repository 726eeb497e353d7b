import type { CheckStatus, HealthCheck } from "#model/catalog.ts";
import { Pulse } from "#model/pulse.ts";
import type { NamespaceWatch } from "../network/namespace-watch.ts";
import { isListening } from "../network/sockets.ts";
import type { CheckUpdate } from "../server-link.ts";
import type { ProbeResult, Thresholds } from "./check-state.ts";
import { type Probe, probeHttp, probeTcp } from "./probe.ts";
import { probeGrpc } from "./probe-grpc.ts";
import { repeatProbe } from "./repeated-probe.ts";

/** A check as it stands in the catalog, and how the node finds its status. */
export interface PlannedCheck {
  readonly record: HealthCheck;
  readonly probe: Probe;
  /** Milliseconds. */
  readonly interval: number;
  readonly timeout: number;
  readonly thresholds: Thresholds;
  /** How it counts towards the health of its allocation. */
  readonly counts: "passing" | "passing or warning" | "not";
  /** Null when nothing is restarted for it. */
  readonly restart: PlannedRestart | null;
}

/** When tasks are restarted because their check stays unhealthy. */
export interface PlannedRestart {
  /** Null for the main tasks of the allocation. */
  readonly task: string | null;
  /** So many failures in a row. */
  readonly limit: number;
  /** Milliseconds after the start of the task in which failures do not count. */
  readonly grace: number;
  readonly takesWarningsForHealthy: boolean;
}

/** What checks need of the tasks that they look at. */
export interface CheckedTasks {
  runScript(task: string, command: readonly string[], timeout: number): Promise<ProbeResult>;
  /** Milliseconds since 1970 when the youngest of them started; null while one does not run. */
  runningSince(task: string | null): number | null;
  restart(task: string | null, reason: string): void;
}

/** The checks of one allocation. */
export class AllocationChecks {
  /** Fires when the status of a check has turned. */
  readonly turned = new Pulse();
  readonly #watch: NamespaceWatch;
  readonly #tasks: CheckedTasks;
  readonly #report: (update: CheckUpdate) => void;
  readonly #known = new Map<string, CheckUpdate>();
  /** Their statuses are those of checks of the same names that asked something else. */
  readonly #unproven = new Set<string>();
  #checks: readonly PlannedCheck[] = [];
  #running = new AbortController();

  constructor(watch: NamespaceWatch, tasks: CheckedTasks, report: (update: CheckUpdate) => void) {
    this.#watch = watch;
    this.#tasks = tasks;
    this.#report = report;
  }

  /** From now on these checks are run, in place of those before. One that is known keeps its status. */
  start(checks: readonly PlannedCheck[]): void {
    this.stop();
    this.#running = new AbortController();
    this.#forgetOthers(checks);
    this.#checks = checks;
    for (const check of checks) void this.#run(check, this.#running.signal);
  }

  #forgetOthers(checks: readonly PlannedCheck[]): void {
    const before = new Map(this.#checks.map((check) => [check.record.CheckID, JSON.stringify(check)]));
    for (const check of checks) {
      const { CheckID } = check.record;
      if (before.has(CheckID) && before.get(CheckID) !== JSON.stringify(check)) this.#unproven.add(CheckID);
      before.delete(CheckID);
    }
    for (const gone of before.keys()) this.#known.delete(gone);
  }

  stop(): void {
    this.#running.abort();
  }

  /** Whether every check is as it must be for the allocation to be healthy. */
  isHealthy(): boolean {
    return this.#checks.every(({ record, counts }) => {
      const status = this.#unproven.has(record.CheckID) ? "critical" : this.#statusOf(record);
      return counts === "not" || status === "passing" || (counts !== "passing" && status === "warning");
    });
  }

  /** Whether something listens wherever a service of the allocation is said to be. */
  isListening(): boolean {
    return this.#checks.every(
      ({ record, probe }) => probe.kind !== "listening" || this.#statusOf(record) === "passing",
    );
  }

  #statusOf(record: HealthCheck): CheckStatus {
    return this.#known.get(record.CheckID)?.Status ?? record.Status;
  }

  #run(check: PlannedCheck, signal: AbortSignal): Promise<void> {
    const { probe, record } = check;
    switch (probe.kind) {
      case "listening":
        return this.#runListening(check, probe.port, probe.address, signal);
      case "http":
        return this.#repeat(check, () => probeHttp(probe, check.timeout), signal);
      case "tcp":
        return this.#repeat(check, () => probeTcp(probe.host, probe.port, check.timeout), signal);
      case "grpc":
        return this.#repeat(check, () => probeGrpc(probe, check.timeout), signal);
      case "script":
        return this.#repeat(
          check,
          () => this.#tasks.runScript(probe.task, probe.command, check.timeout),
          signal,
        );
      case "impossible":
        this.#note(record, "critical", probe.reason);
        return Promise.resolve();
    }
  }

  async #runListening(
    { record }: PlannedCheck,
    port: number,
    address: string | null,
    signal: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted) {
      const changed = this.#watch.changed.next(signal);
      const listens = isListening(this.#watch.sockets, port, address);
      const said = `${listens ? "something" : "nothing"} listens on port ${port} inside the allocation`;
      this.#note(record, listens ? "passing" : "critical", said);
      await changed;
    }
  }

  #repeat(check: PlannedCheck, probe: () => Promise<ProbeResult>, signal: AbortSignal): Promise<void> {
    const { record, thresholds, interval } = check;
    const note = (status: CheckStatus, output: string) => this.#note(record, status, output);
    const watched = check.restart === null ? probe : this.#restarting(check, check.restart, probe);
    return repeatProbe(
      { probe: watched, interval, thresholds, note, status: this.#statusOf(record) },
      signal,
    );
  }

  /** Restarts tasks when their check has failed too often in a row. */
  #restarting(
    { record }: PlannedCheck,
    { task, limit, grace, takesWarningsForHealthy }: PlannedRestart,
    probe: () => Promise<ProbeResult>,
  ): () => Promise<ProbeResult> {
    let failures = 0;
    return async () => {
      const result = await probe();
      const since = this.#tasks.runningSince(task);
      const isHealthy =
        result.status === "passing" || (takesWarningsForHealthy && result.status === "warning");
      const counts = !isHealthy && since !== null && Date.now() - since >= grace;
      failures = counts ? failures + 1 : 0;
      if (failures < limit) return result;
      failures = 0;
      this.#tasks.restart(task, `healthcheck: check "${record.Name}" unhealthy`);
      return result;
    };
  }

  #note(record: HealthCheck, Status: CheckStatus, Output: string): void {
    const before = this.#known.get(record.CheckID);
    this.#unproven.delete(record.CheckID);
    // While a check passes, nobody needs to know that its answers differ.
    if (before?.Status === Status && (before.Output === Output || Status === "passing")) return;
    const update = { CheckID: record.CheckID, Status, Output };
    this.#known.set(record.CheckID, update);
    this.#report(update);
    if (before?.Status !== Status) this.turned.fire();
  }
}
