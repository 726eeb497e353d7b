import type { Allocation } from "#model/allocation.ts";
import { withJob } from "#server/assignments.ts";
import type { State } from "#state/state.ts";
import type { Row } from "#state/table.ts";

/** What a list shows of an allocation. */
export function allocationStub(allocation: Row<Allocation>) {
  const { AllocatedResources, DesiredTransition, NetworkStatus, ...shown } = allocation;
  return { ...shown, RescheduleTracker: null, PreemptedByAllocation: "", PreemptedAllocations: null };
}

/** An allocation whole, with its job. */
export function allocationView(state: State, allocation: Row<Allocation>) {
  const [joined = { ...allocation, Job: null }] = withJob(state, allocation);
  return { ...joined, AllocModifyIndex: allocation.ModifyIndex, Resources: null, Metrics: null };
}
