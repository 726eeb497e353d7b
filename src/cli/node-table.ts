import { shortId } from "#model/id.ts";
import type { Node } from "#model/node.ts";
import { table } from "./table.ts";

export function nodeTable(nodes: readonly Node[]): string[] {
  const rows = nodes.map((node) => [
    shortId(node.ID),
    node.NodePool,
    node.Datacenter,
    node.Name,
    node.Address,
    String(node.Drain),
    node.SchedulingEligibility,
    node.Status,
  ]);
  return table(["ID", "Node Pool", "DC", "Name", "Address", "Drain", "Eligibility", "Status"], rows);
}
