import type { CheckStatus, HealthCheck } from "#model/catalog.ts";
import { Pulse } from "../host/pulse.ts";
import type { NamespaceWatch } from "../network/namespace-watch.ts";
import { isListening } from "../network/sockets.ts";
import type { CheckUpdate } from "../server-link.ts";
import type { ProbeResult, Thresholds } from "./check-state.ts";
import { type Probe, probeHttp, probeTcp } from "./probe.ts";
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
}

/** The checks of one allocation. */
export class AllocationChecks {
  /** Fires when the status of a check has turned. */
  readonly turned = new Pulse();
  readonly #watch: NamespaceWatch;
  readonly #report: (update: CheckUpdate) => void;
  readonly #known = new Map<string, CheckUpdate>();
  #checks: readonly PlannedCheck[] = [];
  #running = new AbortController();

  constructor(watch: NamespaceWatch, report: (update: CheckUpdate) => void) {
    this.#watch = watch;
    this.#report = report;
  }

  /** From now on these checks are run, in place of those before. One that is known keeps its status. */
  start(checks: readonly PlannedCheck[]): void {
    this.stop();
    this.#running = new AbortController();
    this.#checks = checks;
    for (const check of checks) void this.#run(check, this.#running.signal);
  }

  stop(): void {
    this.#running.abort();
  }

  /** Whether every check is as it must be for the allocation to be healthy. */
  isHealthy(): boolean {
    return this.#checks.every(({ record, counts }) => {
      const status = this.#statusOf(record);
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
    return repeatProbe({ probe, interval, thresholds, note, status: this.#statusOf(record) }, signal);
  }

  #note(record: HealthCheck, Status: CheckStatus, Output: string): void {
    const before = this.#known.get(record.CheckID);
    // While a check passes, nobody needs to know that its answers differ.
    if (before?.Status === Status && (before.Output === Output || Status === "passing")) return;
    const update = { CheckID: record.CheckID, Status, Output };
    this.#known.set(record.CheckID, update);
    this.#report(update);
    if (before?.Status !== Status) this.turned.fire();
  }
}
