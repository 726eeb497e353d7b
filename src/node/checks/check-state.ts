import type { CheckStatus } from "#model/catalog.ts";

/** What one probe found. */
export interface ProbeResult {
  readonly status: "passing" | "warning" | "critical";
  /** For people: the first part of the answer, or what went wrong. */
  readonly output: string;
}

/** The status of a check, and what came in a row since it last turned. */
export interface CheckState {
  readonly status: CheckStatus;
  readonly successes: number;
  readonly failures: number;
}

/** How many results in a row it takes for the status to turn; 0 and 1 turn it at once (Consul's rules). */
export interface Thresholds {
  readonly successBeforePassing: number;
  readonly failuresBeforeWarning: number;
  readonly failuresBeforeCritical: number;
}

export function nextState(
  { status, successes, failures }: CheckState,
  result: ProbeResult["status"],
  { successBeforePassing, failuresBeforeWarning, failuresBeforeCritical }: Thresholds,
): CheckState {
  if (result !== "critical") {
    const inARow = successes + 1;
    return { status: inARow >= successBeforePassing ? result : status, successes: inARow, failures: 0 };
  }
  const inARow = failures + 1;
  const warnsFirst = failuresBeforeWarning > 0 && failuresBeforeWarning < failuresBeforeCritical;
  const turned = inARow >= failuresBeforeCritical;
  const warned = warnsFirst && inARow >= failuresBeforeWarning;
  return { status: turned ? "critical" : warned ? "warning" : status, successes: 0, failures: inARow };
}
