import type { CheckStatus } from "#model/catalog.ts";
import { pause } from "#model/pulse.ts";
import { type CheckState, nextState, type ProbeResult, type Thresholds } from "./check-state.ts";

export interface Repetition {
  readonly probe: () => Promise<ProbeResult>;
  readonly status: CheckStatus;
  /** Milliseconds. */
  readonly interval: number;
  readonly thresholds: Thresholds;
  readonly note: (status: CheckStatus, output: string) => void;
}

/** Milliseconds. Until a check passes for the first time it is repeated sooner than its interval says. */
const FIRST_WAIT = 250;

/** Probes again and again until `signal` aborts. */
export async function repeatProbe(
  { probe, status, interval, thresholds, note }: Repetition,
  signal: AbortSignal,
): Promise<void> {
  let state: CheckState = { status, successes: 0, failures: 0 };
  const began = performance.now();
  let hasPassed = false;
  while (!signal.aborted) {
    const started = performance.now();
    const result = await probe();
    if (signal.aborted) return;
    state = nextState(state, result.status, thresholds);
    note(state.status, result.output);
    hasPassed ||= result.status === "passing";
    const soon = Math.max(FIRST_WAIT, (started - began) / 2);
    const wait = hasPassed ? interval : Math.min(interval, soon);
    await pause(Math.max(0, started + wait - performance.now()), signal);
  }
}
