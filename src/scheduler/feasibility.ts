import type { TaskGroup } from "#model/job/group.ts";
import type { Job } from "#model/job/job.ts";
import type { Node } from "#model/node.ts";
import { describe, meets } from "./constraint.ts";

/** Why a node cannot run a group whatever room it has; null when it can. */
export function obstacle(node: Node, job: Job, group: TaskGroup): string | null {
  const missing = group.Tasks.map((task) => task.Driver).find((driver) => !node.Drivers[driver]?.Healthy);
  if (missing !== undefined) return missingDriver(node, missing);
  const network = group.Networks[0]?.Mode ?? "";
  if (network === "bridge" && node.Attributes["network.bridge"] !== "true") {
    return `missing network "bridge" (${node.Attributes["network.bridge.reason"] ?? "the node cannot make namespaces"})`;
  }
  const constraints = [
    ...job.Constraints,
    ...group.Constraints,
    ...group.Tasks.flatMap((task) => task.Constraints),
  ];
  const unmet = constraints.find((constraint) => !meets(node, constraint));
  return unmet === undefined ? null : describe(unmet);
}

/** Whether a node may be looked at for this job at all. */
export function isCandidate(node: Node, job: Job): boolean {
  return (
    node.Status === "ready" &&
    node.SchedulingEligibility === "eligible" &&
    !node.Drain &&
    (job.NodePool === "all" || node.NodePool === job.NodePool) &&
    job.Datacenters.some((pattern) => matchesGlob(pattern, node.Datacenter))
  );
}

function missingDriver(node: Node, driver: string): string {
  const info = node.Drivers[driver];
  return info === undefined
    ? `missing drivers: ${driver} (known here: ${Object.keys(node.Drivers).join(", ")})`
    : `missing drivers: ${driver} (${info.HealthDescription})`;
}

function matchesGlob(pattern: string, text: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(text);
}
