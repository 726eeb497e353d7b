import type { TaskGroup } from "#model/job/group.ts";
import type { Job } from "#model/job/job.ts";
import type { Task } from "#model/job/task.ts";

/**
 * Whether a group's tasks, network, volumes and facts are the same in two versions of a job, so that an
 * allocation of the one can go on under the other. How many there are, where they may be placed and how they
 * are updated makes no difference to one that runs.
 */
export function sameWork(before: Job, after: Job, groupName: string): boolean {
  const [old, now] = [before, after].map((job) => job.TaskGroups.find((group) => group.Name === groupName));
  if (old === undefined || now === undefined) return false;
  return JSON.stringify([before.Meta, work(old)]) === JSON.stringify([after.Meta, work(now)]);
}

function work(group: TaskGroup): unknown {
  return {
    Tasks: group.Tasks.map(taskWork),
    Networks: group.Networks,
    Services: group.Services,
    Volumes: group.Volumes,
    EphemeralDisk: group.EphemeralDisk,
    Meta: group.Meta,
  };
}

/** The same of one task. */
export function sameTaskWork(before: Task, after: Task): boolean {
  return JSON.stringify(taskWork(before)) === JSON.stringify(taskWork(after));
}

function taskWork(task: Task): unknown {
  return { ...task, Constraints: null, Affinities: null, RestartPolicy: null, KillTimeout: 0 };
}
