import { shortId } from "#model/id.ts";
import { table } from "../table.ts";
import { ago } from "../time.ts";
import type { AllocationView } from "../views.ts";

/** Allocations as a list; with `isVerbose` their ids are whole. */
export function allocationTable(allocations: readonly AllocationView[], isVerbose: boolean): string[] {
  if (allocations.length === 0) return ["No allocations placed"];
  const id = isVerbose ? (text: string) => text : shortId;
  const rows = allocations.map((allocation) => [
    id(allocation.ID),
    id(allocation.NodeID),
    allocation.TaskGroup,
    String(allocation.JobVersion),
    allocation.DesiredStatus,
    allocation.ClientStatus,
    ago(allocation.CreateTime),
    ago(allocation.ModifyTime),
  ]);
  return table(["ID", "Node ID", "Task Group", "Version", "Desired", "Status", "Created", "Modified"], rows);
}
