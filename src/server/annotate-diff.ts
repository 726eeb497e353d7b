import type { FieldDiff, JobDiff, TaskDiff, TaskGroupDiff } from "#model/job/diff.ts";
import type { Job } from "#model/job/job.ts";
import type { DesiredUpdates } from "#scheduler/plan.ts";
import { sameTaskWork } from "./same-work.ts";

/** By Nomad's names for them, in a diff. */
const updateNames: Readonly<Record<keyof DesiredUpdates, string>> = {
  Ignore: "ignore",
  Place: "create",
  Migrate: "migrate",
  Stop: "destroy",
  InPlaceUpdate: "in-place update",
  DestructiveUpdate: "create/destroy update",
  Canary: "canary",
  Preemptions: "preemptions",
};

interface Change {
  readonly before: Job | null;
  readonly after: Job;
  readonly updates: Readonly<Record<string, DesiredUpdates>>;
}

/** The diff of a job with what each change does to its allocations. */
export function annotateDiff(diff: JobDiff, change: Change): JobDiff {
  return { ...diff, TaskGroups: diff.TaskGroups.map((group) => annotateGroup(group, change)) };
}

function annotateGroup(group: TaskGroupDiff, change: Change): TaskGroupDiff {
  return {
    ...group,
    Updates: countsOf(change.updates[group.Name]),
    Fields: group.Fields.map(annotateCount),
    Tasks: group.Tasks.map((task) => ({ ...task, Annotations: annotationsOf(task, group, change) })),
  };
}

function countsOf(updates: DesiredUpdates | undefined): Record<string, number> {
  const entries = Object.entries(updates ?? {}) as [keyof DesiredUpdates, number][];
  return Object.fromEntries(
    entries.flatMap(([name, count]) => (count > 0 ? [[updateNames[name], count]] : [])),
  );
}

function annotateCount(field: FieldDiff): FieldDiff {
  if (field.Name !== "Count" || field.Type === "None") return field;
  const [old, now] = [Number(field.Old), Number(field.New)];
  return { ...field, Annotations: [now > old ? "forces create" : "forces destroy"] };
}

function annotationsOf(task: TaskDiff, group: TaskGroupDiff, { before, after }: Change): string[] {
  if (task.Type === "None") return [];
  if (group.Type === "Added") return ["forces create"];
  if (group.Type === "Deleted") return ["forces destroy"];
  const [old, now] = [before, after].map((job) =>
    job?.TaskGroups.find(({ Name }) => Name === group.Name)?.Tasks.find(({ Name }) => Name === task.Name),
  );
  const isInPlace = old !== undefined && now !== undefined && sameTaskWork(old, now);
  return [isInPlace ? "forces in-place update" : "forces create/destroy update"];
}
