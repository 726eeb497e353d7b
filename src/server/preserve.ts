import type { TaskGroup } from "#model/job/group.ts";
import type { Job } from "#model/job/job.ts";

/** What of the job that runs stands, whatever the new one says: people or an autoscaler may have changed it. */
export interface Preserving {
  readonly counts: boolean;
  readonly resources: boolean;
}

/** A new form of a job with the counts, or the tasks' resources, of the one that runs. */
export function preserve(before: Job | undefined, job: Job, { counts, resources }: Preserving): Job {
  if (before === undefined || before.Stop || (!counts && !resources)) return job;
  const groups = new Map(before.TaskGroups.map((group) => [group.Name, group]));
  const TaskGroups = job.TaskGroups.map((group): TaskGroup => {
    const old = groups.get(group.Name);
    if (old === undefined) return group;
    return { ...group, ...(counts && { Count: old.Count }), ...(resources && { Tasks: tasks(old, group) }) };
  });
  return { ...job, TaskGroups };
}

function tasks(old: TaskGroup, group: TaskGroup): TaskGroup["Tasks"] {
  return group.Tasks.map((task) => {
    const Resources = old.Tasks.find(({ Name }) => Name === task.Name)?.Resources;
    return Resources === undefined ? task : { ...task, Resources };
  });
}
