import type { CheckStatus, HealthCheck } from "#model/catalog.ts";
import type { CheckRegistration } from "#model/registration/check.ts";
import { millisecond } from "#model/schema/duration.ts";
import type { CheckUpdate, RegisteredCheckChange } from "../server-link.ts";
import type { ProbeResult } from "./check-state.ts";
import { probeHttp, probeTcp } from "./probe.ts";
import { probeGrpc } from "./probe-grpc.ts";
import { repeatProbe } from "./repeated-probe.ts";

export interface RegisteredCheckOptions {
  readonly report: (update: CheckUpdate) => void;
  /** The service has been critical for as long as its check allows. */
  readonly expired: (serviceId: string) => void;
}

/** The checks of services on this node that no job runs. */
export class RegisteredChecks {
  readonly #options: RegisteredCheckOptions;
  readonly #running = new Map<string, RunningCheck>();

  constructor(options: RegisteredCheckOptions) {
    this.#options = options;
  }

  take(changes: readonly RegisteredCheckChange[]): void {
    for (const { id, check } of changes) {
      this.#running.get(id)?.stop();
      this.#running.delete(id);
      if (check?.Definition) {
        this.#running.set(id, new RunningCheck(check, check.Definition, this.#options));
      }
    }
  }

  /** Somebody told the status of a check with a TTL. */
  told({ CheckID, Status }: CheckUpdate): void {
    this.#running.get(CheckID)?.told(Status);
  }

  stop(): void {
    for (const check of this.#running.values()) check.stop();
    this.#running.clear();
  }
}

class RunningCheck {
  readonly #check: HealthCheck;
  readonly #definition: CheckRegistration;
  readonly #options: RegisteredCheckOptions;
  readonly #stopped = new AbortController();
  #known: { readonly status: CheckStatus; readonly output: string };
  #untold: NodeJS.Timeout | undefined;
  #critical: NodeJS.Timeout | undefined;

  constructor(check: HealthCheck, definition: CheckRegistration, options: RegisteredCheckOptions) {
    this.#check = check;
    this.#definition = definition;
    this.#options = options;
    this.#known = { status: check.Status, output: check.Output };
    this.#watchCritical();
    const probe = probeOf(definition);
    if (check.Type === "ttl") this.#waitForNews();
    else if (probe !== null) void this.#repeat(probe);
  }

  told(status: CheckStatus): void {
    this.#known = { status, output: "" };
    this.#watchCritical();
    if (this.#check.Type === "ttl") this.#waitForNews();
  }

  stop(): void {
    this.#stopped.abort();
    clearTimeout(this.#untold);
    clearTimeout(this.#critical);
  }

  #repeat(probe: () => Promise<ProbeResult>): Promise<void> {
    const { Interval, SuccessBeforePassing, FailuresBeforeWarning, FailuresBeforeCritical } =
      this.#definition;
    const repetition = {
      probe,
      status: this.#known.status,
      interval: Interval / millisecond,
      thresholds: {
        successBeforePassing: SuccessBeforePassing,
        failuresBeforeWarning: FailuresBeforeWarning,
        failuresBeforeCritical: FailuresBeforeCritical,
      },
      note: (status: CheckStatus, output: string) => this.#note(status, output),
    };
    return repeatProbe(repetition, this.#stopped.signal);
  }

  #waitForNews(): void {
    clearTimeout(this.#untold);
    const late = () => this.#note("critical", "TTL expired");
    this.#untold = setTimeout(late, timer(this.#definition.TTL)).unref();
  }

  #note(status: CheckStatus, output: string): void {
    const before = this.#known;
    // While a check passes, nobody needs to know that its answers differ.
    if (before.status === status && (before.output === output || status === "passing")) return;
    this.#known = { status, output };
    const { CheckID, Node } = this.#check;
    this.#options.report({ Node, CheckID, Status: status, Output: output });
    if (before.status !== status) this.#watchCritical();
  }

  #watchCritical(): void {
    const { DeregisterCriticalServiceAfter: after } = this.#definition;
    if (after === 0 || this.#check.ServiceID === "") return;
    clearTimeout(this.#critical);
    if (this.#known.status !== "critical") return;
    this.#critical = setTimeout(() => this.#options.expired(this.#check.ServiceID), timer(after)).unref();
  }
}

/** The longest time that a timer takes. */
const LONGEST_TIMER = 2 ** 31 - 1;

const timer = (nanoseconds: number) => Math.min(nanoseconds / millisecond, LONGEST_TIMER);

/** Null for a check that is not found out by asking. */
function probeOf(check: CheckRegistration): (() => Promise<ProbeResult>) | null {
  const timeout = check.Timeout / millisecond;
  const { TLSSkipVerify: skipVerify, TLSServerName: serverName } = check;
  if (check.HTTP !== "") {
    const { HTTP: url, Method: method, Header: headers, Body: body } = check;
    return () => probeHttp({ kind: "http", url, method, headers, body, skipVerify, serverName }, timeout);
  }
  if (check.TCP !== "") {
    const [host, port] = split(check.TCP);
    return () => probeTcp(host, Number(port), timeout);
  }
  if (check.GRPC !== "") {
    const [authority = "", ...rest] = check.GRPC.split("/");
    const probe = { kind: "grpc", authority, service: rest.join("/"), skipVerify, serverName } as const;
    return () => probeGrpc({ ...probe, useTls: check.GRPCUseTLS }, timeout);
  }
  return null;
}

function split(address: string): [host: string, port: string] {
  const colon = address.lastIndexOf(":");
  return [address.slice(0, colon).replace(/^\[(.*)\]$/, "$1"), address.slice(colon + 1)];
}
