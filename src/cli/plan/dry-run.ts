import { placementFailure } from "../monitor/placement.ts";
import type { Terminal } from "../terminal.ts";
import type { PlanView } from "./plan-view.ts";

/** What the scheduler would do, in Nomad's words. */
export function dryRunLines({ FailedTGAllocs, NextPeriodicLaunch }: PlanView, terminal: Terminal): string[] {
  const failed = Object.entries(FailedTGAllocs ?? {});
  const placed =
    failed.length === 0
      ? [terminal.style("green", "- All tasks successfully allocated.")]
      : [
          terminal.style("yellow", "- WARNING: Failed to place all allocations."),
          ...failed.flatMap(([group, metric]) => placementFailure(group, metric).map((line) => `  ${line}`)),
        ];
  const next = NextPeriodicLaunch.startsWith("0001-")
    ? []
    : [`- If submitted now, next periodic launch would be at ${NextPeriodicLaunch}.`];
  return [terminal.style("bold", "Scheduler dry-run:"), ...placed, ...next, ""];
}

/** 1 when allocations would be created or destroyed, else 0. */
export function planExitCode({ Annotations }: PlanView): number {
  const changes = Object.values(Annotations.DesiredTGUpdates).some(
    ({ Place, Stop, Migrate, DestructiveUpdate, Canary }) =>
      Place + Stop + Migrate + DestructiveUpdate + Canary > 0,
  );
  return changes ? 1 : 0;
}
