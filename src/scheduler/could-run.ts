import type { Job } from "#model/job/job.ts";
import type { Node } from "#model/node.ts";
import { Feasibility } from "./feasibility.ts";
import { capacityOf, lackingDimension, needOf, needOn } from "./usage.ts";

const NOTHING = { cpu: 0, cores: 0, memory: 0, disk: 0 };

/** Whether one of the groups could be placed on a node if nothing else were there: what has no room waits for such. */
export function couldRun(job: Job, groups: readonly string[], node: Node): boolean {
  const capacity = capacityOf(node);
  return job.TaskGroups.filter(({ Name }) => groups.includes(Name)).some((group) => {
    const feasibility = new Feasibility(job, group);
    // Judged alone, so that nothing has to be known of nodes like it.
    const machine = { node, profile: node.ID };
    return (
      feasibility.isCandidate(machine) &&
      feasibility.obstacle(machine) === null &&
      lackingDimension(capacity, NOTHING, needOn(node, needOf(group))) === null
    );
  });
}
